"""What a game says about itself, read from its files without playing it.

In the order of reading:

* `goal`: what a game asks for, in one class with one reader, and the six types of task.
* `game`: a game and its files.
* `names`: what the player calls things. `house`: everything in the home at the start.
* `situation`: what changes while it is played. `progress`: how much of the goal is reached.
* `wording`: words for where things are in somebody's rooms.
"""
