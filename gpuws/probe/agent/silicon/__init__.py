"""GPUs that NVIDIA's library does not tell of, or not all."""
