"""Trajectories: everything that happened in an episode, turn by turn, written while it is played.

`trajectory` is what readers get, `form` how its parts are written, `file` the compressed file, `writer` what watches an
episode and writes it, `rebuild` what makes an episode of a file again, and `reader` what makes a `Trajectory` of that.

The file is JSON lines, compressed with zstandard. A line holds a list of records that were written together: first
``{"begin": ...}`` (what is played, the task), then one for each turn, with what changed in it, then ``{"end": ...}``.
Messages, and versions of memory entries, are numbered in the order in which they are first mentioned. Of a process that
was killed there is what it had written until a second before; the rest of the file is missing then, no line is broken.
"""
