"""Audits: whether tasks give themselves away, and whether rewards can be had without the work.

* `leaks`: can anything before the query tell which statements it will need? `features` are what is looked at,
  `regression` is what looks.
* `rewards`: is anybody paid who did not do the work? `outcomes` plays the red team, `bounds` are what must hold,
  `bandit` learns whether to give up, `report` prints.
"""
