"""Problems with the rules of STRIPS: from the text of a file to states, actions and plans.

In the order in which a problem passes through:

* `syntax`: a text as nested lists that know their lines.
* `typed`: lists of names with types; `strict`: what a file may not say.
* `parser`: lists as domains and problems, with everything checked.
* `grounding`: which actions there are.
* `strips`: a problem as bit masks; a state is one integer.
* `planner`: a search for plans; `improving`: makes them shorter within a budget.
"""
