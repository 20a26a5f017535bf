"""`trust`: what others' files may do."""
