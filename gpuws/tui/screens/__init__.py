"""One screen a file; all but the first are imported when they are opened."""
