"""Hooks and buttons: what they watch, and from changes to queued runs."""
