"""How things look: text, times, colours, and the terminal itself."""
