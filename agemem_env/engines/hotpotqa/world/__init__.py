"""A small invented world per question, in which multi-hop questions have one true answer.

Begin with `generate`, which makes a question. It leads to:

* `questions`: which things a question is about and how it is asked.
* `entities`: the things, made when they are needed, and what is true of them.
* `paragraphs` and `sentences`: how that is written. `revisions`: what is told wrongly first.
* `schema`: what a kind of thing and a relation are; `relations` puts them together from the tables `people`,
  `professions`, `arts`, `screen`, `groups`, `institutions`, `structures`, `landscape` and `species`.
* `cultures`, `names` and `words`: how things are called, and values that are words. `dice`: the randomness.
"""

from agemem_env.engines.hotpotqa.world.generate import SPLIT_SIZES, generate

__all__ = ["SPLIT_SIZES", "generate"]
