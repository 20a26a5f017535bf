"""GPUs: what was read of them, whether they are free, since when, and how near they are to one another."""
