"""Recipes that others wrote, read as profiles: Compose files, `docker run` lines, devcontainer.json."""
