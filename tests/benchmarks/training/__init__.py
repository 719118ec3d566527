"""Tests of training runs and what is made of them."""
