"""One host in full."""
