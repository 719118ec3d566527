"""LangMem, in two implementations.

`system` has the pipeline without a dependency, which works on the environment's own store; `library` drives the package
langmem.
"""
