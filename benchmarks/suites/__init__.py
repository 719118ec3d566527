"""Suites: which episodes a comparison has, as data, so that everybody plays the same ones.

A suite is a TOML file; those of this folder go by their names. `suite` reads them and makes episodes of them.
"""
