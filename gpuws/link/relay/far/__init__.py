"""What the Python of the other side runs: standard library alone, in the syntax of Python 3.6, and no file there."""
