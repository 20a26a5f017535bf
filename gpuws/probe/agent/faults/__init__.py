"""What is wrong with GPUs, as far as an ordinary user may hear of it."""
