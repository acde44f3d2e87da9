"""Finding the authors' files and describing the jobs in them."""
