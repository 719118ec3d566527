"""ALFWorld: household tasks in a text world (Shridhar et al. 2021), with TextWorld's logic and ALFWorld's own words.

Begin with `engine`, which plays one task after the other. It leads to:

* `tasks`: which tasks there are, and what becomes of a game. `official` finds ALFWorld's games, `download` fetches
  them.
* `briefing`: what stages 1 and 2 tell about a task. `oracle`: the expert.
* `agentboard`: what AgentBoard's protocol does otherwise. `order`: in which order it plays the test games.
* `package`: the optional packages textworld and alfworld; the only place that imports them.

The rest is in three rooms, which need nothing of the files above but `official` and `package`:

* `homes`: what a game says about itself: the home, the goal, how it stands. It knows neither of the other two.
* `rules`: an exact and fast replacement of TextWorld's engine; `rules.simulator` is its door.
* `making`: new games; `making.generator` is its door.
"""
