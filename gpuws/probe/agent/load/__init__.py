"""What loads the host beside its GPUs: all its processes, and what they wait for in vain."""
