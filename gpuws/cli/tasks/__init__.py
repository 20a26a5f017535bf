"""Tasks: what goes on in the background, and what came of it."""
