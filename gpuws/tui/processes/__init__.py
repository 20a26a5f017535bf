"""Programs on the GPUs, and how to end one."""
