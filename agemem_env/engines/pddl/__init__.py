"""The PDDL benchmark: planning problems played with commands."""
