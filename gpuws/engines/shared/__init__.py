"""What engines of several kinds do alike on their host."""
