"""The command line: one folder a command family, what it is called in `commands.py`, what it does beside it."""
