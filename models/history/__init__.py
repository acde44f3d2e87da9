"""Change contexts, the one way in, and what is recorded, read and taken back."""
