"""Podman: Docker's API spoken by another engine, found its own way, with what it does otherwise."""
