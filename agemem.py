"""The name under which ``vf-eval agemem`` finds the environments: verifiers imports plug-ins as top-level modules."""

from baselines.integrations.verifiers import AgeMemHarness, AgeMemTaskset

__all__ = ["AgeMemHarness", "AgeMemTaskset"]
