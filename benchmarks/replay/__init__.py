"""Recorded episodes, played again: `replay` is the method; beside it one reader of recordings per benchmark."""
