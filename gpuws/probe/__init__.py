"""What runs on a host to read its GPUs, processes and sessions, and the client that feeds it there."""
