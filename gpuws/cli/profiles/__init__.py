"""`profiles`: saved recipes."""
