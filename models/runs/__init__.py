"""Jobs and their results: what is queued, and what became of it."""
