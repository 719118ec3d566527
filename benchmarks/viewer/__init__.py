"""The viewer: a page on which an episode can be gone through turn by turn."""
