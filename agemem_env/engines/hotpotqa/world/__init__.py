"""A small invented world per question, in which multi-hop questions have one true answer."""

from agemem_env.engines.hotpotqa.world.generate import SPLIT_SIZES, generate

__all__ = ["SPLIT_SIZES", "generate"]
