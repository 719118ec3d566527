"""Measurements of speed.

`throughput` (steps and resets per second of an environment), `overhead` (engine and environment beside the stock
engines in `stock`), `vector_rates` (environments side by side), `memory_growth` (worker processes over many episodes),
`busy_model` (how busy episodes keep a model), `request_rate` (requests per second of a run with a model behind
`fake_server`).
"""
