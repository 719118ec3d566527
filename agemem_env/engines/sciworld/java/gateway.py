"""py4j's client without its retries, its messages on the root logger and its clean-up from the garbage collector.

py4j sends a failed command again, which would carry out a step twice, and tells the virtual machine whenever Python
forgets an object, at any moment and in forked children too. Here a failure is an `EngineCrash`, and objects are
released when `Gateway.release` is called.

Imported by `jvm` when a virtual machine is started: py4j comes with the extra.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from py4j.java_gateway import GatewayClient, GatewayParameters, GatewayProperty, JVMView, PythonProxyPool
from py4j.protocol import (
    DEFAULT_JVM_ID,
    DEFAULT_JVM_NAME,
    MEMORY_COMMAND_NAME,
    MEMORY_DEL_SUBCOMMAND_NAME,
    Py4JError,
    Py4JJavaError,
    Py4JNetworkError,
)

from agemem_env.errors import EngineCrash


class MachineLost(EngineCrash):
    """The virtual machine ended or hangs: a crash of every simulator in it."""


class _Client(GatewayClient):  # type: ignore[misc]
    """Sends a command once."""

    converters = None

    def send_command(self, command: str, retry: bool = False, binary: bool = False) -> Any:
        """Send a command and return the answer; a connection on which that failed is not used again."""
        connection = self._get_connection()
        try:
            answer = connection.send_command(command)
        except BaseException:  # an interrupt as well: the answer that is still to come must not be taken for another's
            connection.close(reset=True)
            raise
        self._give_back_connection(connection)
        return answer


class Gateway:
    """A connection to a py4j server.

    Args:
        port: The server's port on this machine.
        token: What the server asks for before it listens to a client.
        time_limit_s: Seconds after which a call has failed.

    Attributes:
        jvm: Java's packages and classes.
    """

    def __init__(self, port: int, token: str, time_limit_s: float) -> None:
        self._time_limit_s = time_limit_s
        self._client = _Client(
            gateway_parameters=GatewayParameters(
                port=port, auth_token=token, read_timeout=time_limit_s, enable_memory_management=False
            )
        )
        self._client.gateway_property = GatewayProperty(False, PythonProxyPool(), False)
        self.jvm: Any = JVMView(self._client, DEFAULT_JVM_NAME, DEFAULT_JVM_ID)

    def release(self, java_object: Any) -> None:
        """Tell the virtual machine that an object is no longer needed here."""
        name = java_object._get_object_id()
        self._client.send_command(f"{MEMORY_COMMAND_NAME}{MEMORY_DEL_SUBCOMMAND_NAME}{name}\ne\n")

    @contextmanager
    def calls(self) -> Iterator[None]:
        """Turn what may go wrong in a call into an `EngineCrash`."""
        try:
            yield
        except Py4JJavaError as error:
            raise EngineCrash(f"ScienceWorld's simulator failed: {error.java_exception.toString()}") from error
        except Py4JNetworkError as error:
            if isinstance(error.cause, socket.timeout):
                raise MachineLost(f"ScienceWorld's simulator did not answer for {self._time_limit_s:g} s") from error
            raise MachineLost("ScienceWorld's simulator ended") from error
        except Py4JError as error:
            raise EngineCrash(f"ScienceWorld's simulator refused a call: {error}") from error

    def close(self) -> None:
        """Close the connections, without a word to the server: in a forked child they are still the parent's."""
        for connection in self._client.deque:
            connection.stream.close()
            connection.socket.close()
        self._client.deque.clear()
