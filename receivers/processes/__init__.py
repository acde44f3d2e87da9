"""The child processes: started, watched, limited and ended."""
