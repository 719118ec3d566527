"""Audits: whether tasks give themselves away, and whether rewards can be had without the work.

* `leaks`: can anything before the query tell which statements it will need? `features` are what is looked at,
  `regression` is what looks.
"""
