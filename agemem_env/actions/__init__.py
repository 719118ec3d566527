"""What an agent says, read as a turn.

`parsing` takes anything that `AgeMemEnv.step` is given and never raises; it is the place to start. `turn_reader` reads
the text of a turn.
"""
