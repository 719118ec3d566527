"""LangMem: `system` works on the environment's own store; `library` drives the package langmem."""
