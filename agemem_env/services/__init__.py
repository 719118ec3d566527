"""What the environment asks of others: embeddings, token counts, summaries, judgements, chat models.

`encoders`, `tokens`, `summarizers` and `judges` have an offline default each. `chat` says what a chat model is;
`openai` reaches models behind OpenAI's protocol; `cassette` records and replays what is sent to them. `base` holds
what the services share.
"""
