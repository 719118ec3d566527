"""Measurements of speed.

`throughput` (steps and resets per second), `overhead` (engine and environment beside the stock engines in `stock`),
`request_rate` (requests per second with a model behind `fake_server`).
"""
