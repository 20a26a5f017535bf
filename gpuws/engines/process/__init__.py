"""Workspaces without containers: programs of mine on a host, in a tmux of their own."""
