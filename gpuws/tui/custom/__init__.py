"""Commands of the user's own."""
