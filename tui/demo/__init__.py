"""The demo: a temporary store with a small network."""
