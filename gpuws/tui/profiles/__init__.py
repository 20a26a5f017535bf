"""Profiles on the screen: a new one from a form, one from what runs, what a shared one does."""
