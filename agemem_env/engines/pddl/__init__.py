"""PDDL: gripper, blockworld, barman and tyreworld, or any other STRIPS problem, played with commands.

Begin with `engine`, which plays one task after the other. It leads to:

* `tasks`: which tasks there are, generated, official, or from the user's files, and what a task is.
* `briefing`: the query, and what stages 1 and 2 tell.
* `oracle`: the expert, which plans in the world that it believes in.
* `agentboard`: what AgentBoard's protocol writes. `official`: its problem files.

How a problem is made and played:

* `strips`: the rules: parser, grounding, states as bit masks, planner. It knows nothing of the files here.
* `builtin`: the four domains in ``domains/``. `generators`: new problems of them.
* `setup`: a problem made ready to be played. `hidden`: what stage 3 does not show of it.
* `commands`: which action a text means. `screen`: what the agent reads, in the words of `wording`.
"""
