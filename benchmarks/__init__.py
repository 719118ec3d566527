"""Runs policies on the benchmarks, keeps one row per episode, and makes tables of the rows."""
