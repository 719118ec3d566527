"""Playing an episode by hand: `session` is the policy that asks a person, `input` reads what the person types."""
