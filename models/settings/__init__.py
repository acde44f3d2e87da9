"""What the configuration says, layer by layer, and whom to tell of failures."""
