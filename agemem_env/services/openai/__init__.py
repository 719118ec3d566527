"""The client of every service that speaks OpenAI's protocol.

Read `client` first: its table says what happens on each kind of failure. `calls` makes the attempts of one call by the
rule in `retry`; `failures` says what error responses mean, in one table of wordings. What is sent and how replies are
read: `wire`, `stream` (server-sent events), `vectors` (embeddings), `values`. Where it goes: `endpoint` (address, key,
error texts), `proxy`, `connection` and `transport` (HTTP). `options` and `prices` are the user's.
"""
