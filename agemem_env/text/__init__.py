"""Pure functions on text.

`words` (content words, sentences), `key_phrases` (names, titles, numbers of a query), `matching` (whether a text states
a fact), `answers` (HotpotQA's comparison of answers), `relaxed_json` (JSON as models write it).
"""
