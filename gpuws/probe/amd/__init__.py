"""AMD's GPUs by the tools that come with its driver, for hosts on which the agent finds no NVIDIA."""
