"""Mem0: `system` works on the environment's own store; `library` drives the package mem0ai."""
