"""A simulated lab in memory: the same Fleet, nothing dialled, nothing touched."""
