"""Receivers that ship: each does something useful, and shows how to write one.

They are listed like one's own, and disabled until somebody enables them. Copy a file
into the store's `jobs/` under another name to change it.
"""
