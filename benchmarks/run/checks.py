"""What is tried before the first episode, so that what is wrong is said once, in one line, and before anything is paid.

First what costs nothing: an episode of each setting is started. Then each model that plays is called once, and each
service of the environments: judge, summariser and encoder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any

from agemem_env.config import EnvConfig
from agemem_env.errors import AgeMemError, EngineCrash
from agemem_env.services.cassette.cassette import active_cassette
from agemem_env.services.encoders import make_encoder
from agemem_env.services.judges import make_judge
from agemem_env.services.summarizers import make_summarizer
from agemem_env.services.tokens import make_token_counter
from baselines.llm.models import is_model
from baselines.llm.preflight import preflight
from benchmarks.run.backends.in_process import comparable, with_policy
from benchmarks.run.models import Access
from benchmarks.specs import RunSpec, canonical, make_env

ATTEMPTS = 2
"""How often a service is asked before a run is refused; a run itself is more patient."""


def check_run(specs: Sequence[RunSpec], access: Access) -> None:
    """Try everything that some episodes need; without episodes nothing is tried or called.

    Args:
        specs: The episodes that are to be played.
        access: How models are reached.

    Raises:
        ConfigurationError: If an option is not allowed, as may be found only when an episode starts.
        DataError: If a file has something wrong in it.
        ServiceError: If a model or service cannot be reached or cannot do what it is needed for.
    """
    settings = {}
    for spec in {spec.group: spec for spec in reversed(specs)}.values():
        kwargs = with_policy(spec.env_kwargs, access.policy(spec))
        settings[comparable([spec.env_id, kwargs])] = spec, kwargs
    for spec, kwargs in settings.values():
        _start(spec, kwargs)
    for spec in {canonical([s.policy, s.model]): s for s in specs if is_model(s.policy)}.values():
        preflight(access.model(spec), spec.model.get("tool_format", "native"))
    check_services([kwargs for _, kwargs in settings.values()])


def _start(spec: RunSpec, kwargs: Mapping[str, Any]) -> None:
    """Start an episode. What only its own code can explain is left to the row of that episode."""
    with closing(make_env(spec.env_id, kwargs)) as env:
        try:
            env.reset(seed=spec.seed)
        except EngineCrash:
            return
        except AgeMemError:
            raise
        except Exception:
            return


def check_services(settings: Sequence[Mapping[str, Any]]) -> None:
    """Ask every judge, summariser and encoder behind a service once; a replay has nothing to ask.

    Args:
        settings: Arguments of the environments.

    Raises:
        ServiceError: If one fails.
    """
    cassette = active_cassette()
    if cassette is not None and cassette.replays:
        return
    asked: set[str] = set()
    for kwargs in settings:
        for kind, ask in _ASK.items():
            spec = _hasty(kwargs.get(kind, getattr(EnvConfig, kind)))
            if spec is not None and (key := canonical([kind, spec])) not in asked:
                asked.add(key)
                ask(spec)


def _hasty(service: Any) -> dict[str, Any] | None:
    """Return a service that is reached over the network, to be tried `ATTEMPTS` times at most; None for others."""
    given = dict(service) if isinstance(service, Mapping) else {"name": service}
    name, attempts = given.get("name"), given.get("attempts", ATTEMPTS)
    if not (isinstance(name, str) and name.startswith("openai:")):
        return None
    return {**given, "attempts": min(ATTEMPTS, attempts)}


def _ask_judge(spec: Mapping[str, Any]) -> None:
    make_judge(spec).answer("What colour is a clear sky at noon?", "light blue", "blue")


def _ask_summarizer(spec: Mapping[str, Any]) -> None:
    make_summarizer(spec, make_token_counter("estimate")).summarize(["The mug is in the cabinet."], 20)


def _ask_encoder(spec: Mapping[str, Any]) -> None:
    make_encoder(spec).encode(["ready"])


_ASK: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
    "judge": _ask_judge,
    "summarizer": _ask_summarizer,
    "encoder": _ask_encoder,
}
