"""Backups, checks of a store, and what is kept for how long."""
