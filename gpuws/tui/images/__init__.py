"""Images of a host's engine."""
