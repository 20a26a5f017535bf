"""`keeper`: the background process."""
