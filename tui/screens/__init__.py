"""The full-screen program: one file a screen; `base` holds what they share."""
