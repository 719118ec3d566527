"""Long-term memory: `store` keeps entries and finds them again; `vector_index` is the search below it."""
