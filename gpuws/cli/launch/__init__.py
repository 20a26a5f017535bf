"""`launch`, `wait`, `waits`: workspaces made, and waits for room."""
