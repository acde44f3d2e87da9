"""One run from start to finish, in the child that runs it."""
