"""The fleet that does it itself: over SSH and the engines of its hosts."""
