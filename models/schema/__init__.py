"""Every table of a store, and how an older store comes up to date."""
