"""homes."""
