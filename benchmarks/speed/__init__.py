"""Measurements of speed.

`throughput` (steps and resets per second of an environment), `overhead` (engine and environment beside the stock
engines in `stock`), `request_rate` (requests per second of a run with a model behind `fake_server`).
"""
