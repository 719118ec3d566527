"""Long-term memory: `store` keeps entries and finds them again; `vector_index` is the nearest-neighbour search below."""
