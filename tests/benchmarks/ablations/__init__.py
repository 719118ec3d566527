"""Tests of the comparisons of the paper."""
