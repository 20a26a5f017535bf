"""The palette: every command by a few letters."""
