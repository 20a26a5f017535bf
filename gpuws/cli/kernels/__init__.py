"""`kernels`: notebooks, what their kernels hold, and their end."""
