"""What a memory was worth: an episode is played again with each entry taken away before the query comes.

`playing` plays it, `credit` compares, `show` prints; `remembering` sees to it that a model is asked nothing twice.
"""
