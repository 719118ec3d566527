"""The Java virtual machine in which ScienceWorld runs: one per process, for all its simulators.

It is started by the first simulator, belongs to the process that started it (a forked child starts its own), and ends
with the last open simulator, with `shutdown`, at exit, or when the process dies in whatever way: it reads from a
pipe that only this process holds, and the end of that pipe is its own.

ScienceWorld keeps some of its state in global variables: the random generator, the counter of object ids, the
simplifications in force. `JavaMachine.turn` gives each simulator its own, so that simulators in one machine play as if
each were alone.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agemem_env.engines.sciworld.package import Installation, installation
from agemem_env.errors import EngineCrash, exit_text

if TYPE_CHECKING:
    from agemem_env.engines.sciworld.java.gateway import Gateway

FLAGS = (
    "-Xms32m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:MinHeapFreeRatio=10",
    "-XX:MaxHeapFreeRatio=30",
    "-XX:-ShrinkHeapInSteps",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-UsePerfData",
    "-XX:+UnlockExperimentalVMOptions",
    "-XX:hashCode=2",
)
"""Options of the machine. A heap that begins small and gives back what it does not use keeps sixteen simulators under
350 MB; Java's own choice begins with a sixty-fourth of the computer's memory. The last two options give every object
the same identity hash: without them the order of sets, and with it the order of listings and the numbers of ambiguous
choices, changes from run to run."""

LOADS_PER_COLLECTION = 8
"""Loads after which garbage is collected: each leaves some 10 MB behind, which Java would let grow to its limit."""

_ENDING_S = 5.0
"""How long a machine that says no more may take to end."""

TIME_LIMIT_S = 120.0
"""Seconds after which a machine that does not answer is given up."""


@dataclass(eq=False, slots=True)
class JavaWorld:
    """One simulator in the machine, and its own copy of ScienceWorld's global variables.

    Attributes:
        interface: ScienceWorld's interface object.
        generator: Its random generator.
        simplifications: Its simplifications, in ScienceWorld's spelling.
        next_id: Its counter of object ids, while another simulator has its turn.
    """

    interface: Any
    generator: Any
    simplifications: str = ""
    next_id: int = 0


class JavaMachine:
    """A running virtual machine.

    Raises:
        MissingExtraError: If ScienceWorld or Java is not installed.
        EngineCrash: If it does not start.
    """

    def __init__(self) -> None:
        self._owner = os.getpid()
        self._lock = threading.RLock()
        self._active: JavaWorld | None = None
        self._discarded: list[JavaWorld] = []
        self._open: set[JavaWorld] = set()
        self._loads = 0
        self._process, port, token = _launch(installation())
        self._gateway = _connect(port, token)
        try:
            with self._gateway.calls():
                self._globals = _Globals(self._gateway)
        except BaseException:
            self.close()
            raise

    @property
    def running(self) -> bool:
        """Whether it can be used from this process."""
        return self._owner == os.getpid() and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Number of its process."""
        return self._process.pid

    def new_world(self) -> JavaWorld:
        """Return a new simulator, in which no task is loaded."""
        with self._lock, self._calls():
            self._set_aside()  # making a simulator counts object ids
            self._release_discarded()
            world = JavaWorld(self._globals.new_interface(), self._globals.new_generator())
            self._open.add(world)
            return world

    def discard(self, world: JavaWorld) -> None:
        """Let a simulator go, when the next one is made; may be called from the garbage collector."""
        self._open.discard(world)
        self._discarded.append(world)

    def retire(self, world: JavaWorld) -> None:
        """Let a simulator go, and end with the last one."""
        self.discard(world)
        if not self._open:
            self.close()

    @contextlib.contextmanager
    def turn(self, world: JavaWorld) -> Iterator[Any]:
        """Give a simulator its turn: its global variables are in force.

        Yields:
            Its interface object.

        Raises:
            EngineCrash: If the machine dies, hangs or reports a failure.
        """
        with self._lock, self._calls():
            if self._active is not world:
                self._set_aside()
                self._globals.put(world)
                self._active = world
            try:
                yield world.interface
            except BaseException:
                self._active = None  # whatever the variables hold now, the next turn puts its own
                raise

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Let the simulator whose turn it is draw from another generator, the same each time."""
        assert self._active is not None, "no simulator has its turn"
        self._globals.draw_aside()
        yield
        self._globals.draw_from(self._active.generator)

    def lines(self, java_list: Any, budget: int) -> list[str]:
        """Return a Java list of texts, fetched in pieces, and release it; only in a `turn`.

        Args:
            java_list: The list; none of its texts contains a line break.
            budget: Characters that a piece should not exceed by much: long answers are slow.
        """
        texts: list[str] = []
        size = java_list.size()
        count = min(size, 50)
        while len(texts) < size:
            piece = java_list.subList(len(texts), min(len(texts) + count, size))
            joined = self._globals.join("\n", piece)
            self._gateway.release(piece)
            new = joined.split("\n")
            texts += new
            count = max(1, budget * len(new) // (len(joined) + 1))
        self._gateway.release(java_list)
        return texts

    def text_of(self, java_object: Any) -> str:
        """Return what an object's ``toString`` says, and release the object; only in a `turn`."""
        text = str(java_object.toString())
        self._gateway.release(java_object)
        return text

    def load(self, world: JavaWorld, task: str, variation: int, simplifications: str, *, gold: bool = False) -> str:
        """Load a task variation into a simulator; only in its `turn`.

        Args:
            world: The simulator.
            task: Name of the task.
            variation: Its number.
            simplifications: What it is loaded with.
            gold: Whether to generate commands that solve it.

        Returns:
            ScienceWorld's message if it could not be loaded, else an empty text.
        """
        error = str(world.interface.load(task, variation, simplifications, gold))
        # A load makes the objects of every variation of every task anew, some 10 MB; played is only one of them.
        self._globals.let_go_of_tasks(world.interface)
        option = world.interface.agentInterface()
        agent_interface = option.get()
        world.simplifications = str(agent_interface.simplificationStr())  # "easy" is spelt out there
        self._gateway.release(agent_interface)
        self._gateway.release(option)
        self._loads += 1
        if self._loads % LOADS_PER_COLLECTION == 0:
            self.tidy()
        return error

    def tidy(self) -> None:
        """Give free memory back; worth its tenth of a second after a gold path; only in a `turn`."""
        self._globals.collect_garbage()

    def close(self) -> None:
        """End it. Nothing in it needs saving, so it is killed."""
        if self._owner != os.getpid():
            return
        self._gateway.close()
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def leave_to_parent(self) -> None:
        """In a forked child: let go of the pipe and the connections, so that the machine ends with the parent."""
        assert self._process.stdin is not None, "the machine was started with a pipe"
        self._process.stdin.close()
        self._process.returncode = 0  # it is not this process's child: nothing to wait for
        self._gateway.close()

    def _set_aside(self) -> None:
        """Keep what the simulator whose turn it was has in the global variables."""
        if self._active is not None:
            self._active.next_id = self._globals.next_id()
            self._active = None

    def _release_discarded(self) -> None:
        while self._discarded:
            world = self._discarded.pop()
            self._gateway.release(world.interface)
            self._gateway.release(world.generator)

    @contextlib.contextmanager
    def _calls(self) -> Iterator[None]:
        from agemem_env.engines.sciworld.java.gateway import MachineLost

        if not self.running:
            raise EngineCrash("ScienceWorld's simulator ended")
        try:
            with self._gateway.calls():
                yield
        except MachineLost:
            self.close()
            raise


class _Globals:
    """ScienceWorld's global variables, and Java's methods that are called often, looked up once."""

    def __init__(self, gateway: Gateway) -> None:
        jvm = gateway.jvm
        _silence(jvm)
        self._release = gateway.release
        self.new_interface = jvm.scienceworld.runtime.pythonapi.PythonInterface
        self.new_generator = jvm.java.util.Random
        self.join = jvm.java.lang.String.join
        self.next_id = jvm.util.UniqueIdentifier.count
        self._set_next_id = getattr(jvm.util.UniqueIdentifier, "count_$eq")
        self._simplify = jvm.main.scala.scienceworld.runtime.SimplifierProcessor.parseSimplificationStr
        self._random = jvm.java.lang.Class.forName("scala.util.Random$").getField("MODULE$").get(None)
        self._generator = jvm.java.lang.Class.forName("scala.util.Random").getDeclaredField("self")
        self._generator.setAccessible(True)
        self.collect_garbage = jvm.java.lang.System.gc
        self._aside = self.new_generator()
        self._tasks = jvm.scienceworld.tasks.TaskMaker1()

    def put(self, world: JavaWorld) -> None:
        """Put a simulator's own values into the global variables."""
        self._set_next_id(world.next_id)
        self._release(self._simplify(world.simplifications))
        self.draw_from(world.generator)

    def let_go_of_tasks(self, interface: Any) -> None:
        """Give an interface the common list of tasks instead of its own."""
        getattr(interface, "taskMaker_$eq")(self._tasks)

    def draw_from(self, generator: Any) -> None:
        """Let ScienceWorld draw from a generator."""
        self._generator.set(self._random, generator)

    def draw_aside(self) -> None:
        """Let ScienceWorld draw the same numbers each time."""
        self._aside.setSeed(0)
        self.draw_from(self._aside)


def _silence(jvm: Any) -> None:
    """Let ScienceWorld's messages, several a step, go nowhere; to be called before its first."""
    nowhere = jvm.java.io.PrintStream(jvm.java.io.OutputStream.nullOutputStream())
    jvm.java.lang.System.setOut(nowhere)
    jvm.java.lang.System.setErr(nowhere)


def _launch(place: Installation) -> tuple[subprocess.Popen[str], int, str]:
    """Start a machine and return its process, port and token."""
    from py4j.java_gateway import find_jar_path

    command = [
        *(str(place.java), *FLAGS, "-classpath", os.pathsep.join((find_jar_path(), str(place.jar)))),
        *("py4j.GatewayServer", "--die-on-broken-pipe", "--enable-auth", "0"),
    ]
    # Its own session: an interrupt from the keyboard is for the Python process, which may catch it.
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=place.folder,
        text=True,
        start_new_session=True,
    )
    assert process.stdin is not None and process.stdout is not None, "they are pipes"
    impatience = threading.Timer(TIME_LIMIT_S, process.kill)
    impatience.start()
    try:
        said: list[str] = []
        for line in process.stdout:
            if line.strip().isdecimal():
                return process, int(line), process.stdout.readline().strip()
            said.append(line.strip())
        late = not impatience.is_alive()
    finally:
        impatience.cancel()
        impatience.join()  # no thread is left that a fork would have to fear
    process.stdin.close()
    process.stdout.close()
    with contextlib.suppress(subprocess.TimeoutExpired):  # killed at once, it could not tell its own exit code
        process.wait(_ENDING_S)
    process.kill()
    code = process.wait()
    ended = f"was not ready after {TIME_LIMIT_S:g} seconds" if late else exit_text(code)
    raise EngineCrash(f"Java did not start: it {ended} and said {' '.join(said) or 'nothing'}")


def _connect(port: int, token: str) -> Gateway:
    from agemem_env.engines.sciworld.java.gateway import Gateway

    return Gateway(port, token, TIME_LIMIT_S)


class _Shared:
    """The machine of this process."""

    machine: JavaMachine | None = None
    lock = threading.Lock()


def shared() -> JavaMachine:
    """Return the machine of this process, started if there is none or if it died.

    Raises:
        MissingExtraError: If ScienceWorld or Java is not installed.
        EngineCrash: If it does not start.
    """
    with _Shared.lock:
        if _Shared.machine is None or not _Shared.machine.running:
            shutdown()
            _Shared.machine = JavaMachine()
        return _Shared.machine


def shutdown() -> None:
    """End the machine of this process, if there is one; simulators in it crash at their next step."""
    if _Shared.machine is not None:
        _Shared.machine.close()
        _Shared.machine = None


def _in_forked_child() -> None:
    _Shared.lock = threading.Lock()
    if _Shared.machine is not None:
        _Shared.machine.leave_to_parent()
        _Shared.machine = None


atexit.register(shutdown)
if hasattr(os, "register_at_fork"):  # there is no fork on Windows
    os.register_at_fork(after_in_child=_in_forked_child)
