"""Logs that are read as they grow, of containers and of tasks."""
