"""What authors write: jobs, their variables, their log, their errors."""
