"""`attach`, `shell`, `exec`, `logs`, `with`: going inside."""
