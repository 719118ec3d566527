"""New games in AI2-THOR's floor plans, and games as files.

In the order of reading:

* `generator`: a game from a split and a number.
* `alfworld_files`: floor plans, classes, logic and grammar, as the installed package alfworld has them.
* `problem`: writes a home and a goal as a PDDL problem. `script`: commands that solve it.
* `export`: games as files in the folders of ALFWorld's data, which alfworld plays too.
"""
