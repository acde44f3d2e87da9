"""From people's files to rows that can be written."""
