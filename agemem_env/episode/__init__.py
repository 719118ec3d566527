"""One episode in progress.

Read `stages` (which message comes when), `ledger` (what was done), `state` (everything that `reset` makes anew), `view`
(what rewards and metrics may see of it), then `desk` (what a memory system may do between two turns).
"""
