"""Commands in worlds of rooms with names: where one is, what things are to goal and memories, and which room to go to.

Read `seen` (what observations showed), `told` (what memories say), `roles` (what the things of a command are), then
`crosses`. All of it is read from texts, in the words of ScienceWorld.
"""
