"""Object types to start one's own from; none of them is loaded by itself."""
