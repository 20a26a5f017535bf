"""A workspace from a profile: chosen, checked, launched in the background."""
