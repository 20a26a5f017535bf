"""Images that are built: what is asked for, what a Dockerfile says, what of a directory is sent. Pure."""
