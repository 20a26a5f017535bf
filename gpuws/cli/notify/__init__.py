"""`notify`: where notices go, and what was told."""
