"""HotpotQA: multi-hop questions over paragraphs, official or generated."""
