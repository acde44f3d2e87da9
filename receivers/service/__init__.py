"""Who works the queue off: the runner and its clock, or the caller alone."""
