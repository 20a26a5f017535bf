"""The terminal: what is typed ahead, and handing it to another program."""
