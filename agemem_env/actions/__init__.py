"""What an agent says, read as a turn.

`parsing` takes anything that `AgeMemEnv.step` is given and never raises; it is the place to start. `forms` copies
foreign objects, `turn_reader` reads the text of a turn, `dialects` the calls that families of models write in it,
`calls` the spellings of one call, `names` what a tool's name means.
"""
