"""Version of the package, read by packaging and by result rows."""

__version__ = "0.1.0"
