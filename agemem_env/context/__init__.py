"""Short-term context: what the agent sees.

`messages` says what a message is; `context` keeps them within the token budget; `transcript` turns them into chat
messages; `prompts` holds every text that the environment itself says.
"""
