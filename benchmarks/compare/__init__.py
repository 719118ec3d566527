"""Our engines beside the packages whose worlds they play, command by command.

`side_by_side` is the method, `commands` the table of comparisons and the command `agemem compare`; beside them one file
per benchmark.
"""
