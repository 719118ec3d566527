"""Record and replay of what is sent to services.

`cassette` is the file of exchanges, `transport` puts it below an HTTP client, `difference` says how a request differs
from the recorded one.
"""
