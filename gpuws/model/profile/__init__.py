"""Profiles: saved recipes for workspaces, and how those that exist compare."""
