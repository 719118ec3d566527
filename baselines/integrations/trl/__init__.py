"""TRL: GRPO on the task with a filled memory, and asynchronous GRPO on whole episodes.

`StageThree` makes the environments of ``GRPOTrainer(environment_factory=...)``. TRL keeps a rollout in one row that
only grows, so whatever is told in it stays in view: there the model plays stage 3, and long-term memory holds what
stage 1 tells. `EpisodeWorker` is a rollout worker of ``AsyncGRPOTrainer``: all stages and all tools, one row more than
the context was rewritten, and the advantages of step-wise GRPO. Needs the package ``trl``; ``examples/trl_grpo.py``
trains.
"""

from agemem_env.errors import MissingExtraError

try:
    import trl  # noqa: F401 - what follows makes sense with it only
except ImportError as error:
    raise MissingExtraError("trl", "trl", "the TRL adapter") from error

from baselines.integrations.trl.environments import LONG_TERM_TOOLS, OVER, AgeMemEpisode, StageThree
from baselines.integrations.trl.rollout_samples import samples
from baselines.integrations.trl.sampler import PromptRefusedError, VLLMSampler
from baselines.integrations.trl.worker import EpisodeWorker

__all__ = [
    "LONG_TERM_TOOLS",
    "OVER",
    "AgeMemEpisode",
    "EpisodeWorker",
    "PromptRefusedError",
    "StageThree",
    "VLLMSampler",
    "samples",
]
