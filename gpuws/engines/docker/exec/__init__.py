"""Programs inside a container, found again and ended by their mark."""
