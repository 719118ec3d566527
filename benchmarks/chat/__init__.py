"""Playing an episode by hand: `session` is the loop, `input` reads what is typed."""
