"""Commands worth considering, composed of what texts of the laboratory have mentioned."""
