"""The client of every service that speaks OpenAI's protocol.

Read `client` first: its table says what happens on each kind of failure. `endpoint` (address, key, error texts),
`options`, `wire` (what is sent and how replies are read), `retry`, `connection` and `transport` (HTTP), `prices`.
"""
