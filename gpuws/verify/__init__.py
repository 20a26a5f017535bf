"""Whether torch can compute somewhere: a short program that runs there, and what its answers mean."""
