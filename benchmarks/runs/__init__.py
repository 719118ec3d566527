"""Run folders: everything about one run in one folder.

====================================  ================================================================================
``run.json``                          what is played, with a digest; versions, git commit, data with checksums
``episodes.jsonl``                    a row per episode, `benchmarks.results.row.EpisodeRow`
``trajectories/<key>.jsonl.zst``      a trajectory per episode, named by the row's ``config_hash``
====================================  ================================================================================

`configuration` is what is played and how two runs differ, `provenance` what it is played with, `folder` the folder of a
run that is being played, `reading` the folder as readers see it, `rescore` makes its scores anew. `standing` is how far
a run has come, `streams` the order of episodes that go on with the memory of others.
"""
