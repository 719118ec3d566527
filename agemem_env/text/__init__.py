"""Pure functions on text.

`words` (content words, sentences), `key_phrases` (names, titles, numbers of a query), `matching` (whether a text states
a fact), `answers` (HotpotQA's comparison of answers), `lines` (lines of JSON files), `relaxed_json` (JSON as models
write it), `paper_format` (calls and answers in the paper's tags).
"""
