"""How replies of models to memory systems are read: what can mean one thing is read, everything else is asked again.

`replies` finds the JSON and the list in a reply, `values` reads texts and words, `ids` the ids of memories, and
`operations` what is to be done to them.
"""
