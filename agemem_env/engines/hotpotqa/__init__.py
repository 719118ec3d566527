"""HotpotQA: multi-hop questions over paragraphs, official or generated.

Begin with `engine`, which asks one question after the other. It leads to:

* `tasks`: which questions a split has, and what a task is.
* `briefing`: how paragraphs and corrections are told in stage 1, and related paragraphs in stage 2.
* `oracle`: the expert. `metrics`: HotpotQA's own scores.
* `records`: a question as a value, in the form of the official files.
* `official`: the user's copy of those files.
* `world`: invented worlds with questions of the same form; ``world.generate`` is its door.
"""
