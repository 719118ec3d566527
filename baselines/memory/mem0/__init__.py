"""Mem0, in two implementations.

`system` has the pipeline of the paper, which works on the environment's own store; `library` drives the package mem0ai.
"""
