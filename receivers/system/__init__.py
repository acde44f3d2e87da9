"""Jobs that Hookline itself needs; they are enabled from the start."""
