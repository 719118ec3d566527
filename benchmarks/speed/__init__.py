"""Measurements of speed.

`agemem throughput`: `throughput` (what is measured of a benchmark), `resets`, `growth`, `overhead` (engine and
environment beside the stock engines in `stock`), `probe` (memory and first observation), `vector_rates`, `bounds` (what
must hold), `pages` and `plot`. `agemem requests`: `request_rate` (a run with a model behind `fake_server`).
`busy_model` and `memory_growth` measure the vector environment.
"""
