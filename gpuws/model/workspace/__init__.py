"""Workspaces, the engine that runs them, their images and logs."""
