"""GPUs by `nvidia-smi` in loop mode, for hosts on which the agent can't run."""
