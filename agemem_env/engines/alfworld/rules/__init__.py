"""TextWorld's engine for ALFWorld, done again: the same texts, commands and facts from a state machine over bit sets.

In the order of reading:

* `simulator`: plays games; all that the rest of the engine uses, beside `dialect`, the two wordings of putting down.
* `machine`: the rules of a game as a state machine. `atoms`: its facts, numbered.
* `grammar`: how observations are worded. `expressions`: the small expressions in a grammar, which run no code.
* `translation`: from a game to its machine, kept in memory and on disk. `sas` reads what Fast Downward's translator
  writes, `compiling` turns it into the plain form that is kept.
"""
