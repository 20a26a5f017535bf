"""One container looked at closely: its details, what happened to it, what it takes."""
