"""One GPU in full."""
