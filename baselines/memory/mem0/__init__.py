"""Mem0, in two implementations.

`system` has the pipeline of the paper, which works on the environment's own store; `library` drives the package mem0ai;
`reading`, for both, is what a model's replies say.
"""
