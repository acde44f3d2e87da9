"""What the screens read, in one go and without Textual."""
