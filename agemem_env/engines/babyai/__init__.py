"""BabyAI: instructions in a grid world of rooms, played with text and macro actions, on minigrid's levels.

Begin with `engine`, which plays one task after the other. It leads to:

* `tasks`: which levels and seeds a split has, and what a task is.
* `briefing`: what stages 1 and 2 tell of a house, and which cells a statement tells of.
* `oracle`: the expert, and in `bot` minigrid's own bot, on whose way it goes. `study`: what its games show a task to
  need.
* `agentboard`: AgentBoard's levels, labels and sub-goals.
* `package`: the optional package minigrid; the only place that imports it, but for `bot`.

How a turn is played, from the world to the words:

* `world`: one level of minigrid. `house`: how its squares and rooms are called.
* `view`: what the agent sees, as objects and as text.
* `path`: the search for the way to something in view. `macros`: the commands that it makes possible.
* `game`: one episode of it, in either protocol.
"""
