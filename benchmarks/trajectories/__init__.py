"""Trajectories: everything that happened in an episode, turn by turn, written while it is played."""
