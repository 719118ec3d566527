"""What the environment asks of others: embeddings, token counts, summaries, judgements, chat models.

`encoders`, `tokens`, `summarizers` and `judges` have an offline default each; `grades` reads what a judging model says
and `guarded_judge` keeps its failures from ending episodes. `chat` says what a chat model is; `openai` reaches models
behind OpenAI's protocol; `cassette` records and replays what is sent to them. `costs` says who pays, and `base` holds
what the services share.
"""
