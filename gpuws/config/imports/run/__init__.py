"""The arguments of `docker run`, from a pasted line or from a command of ours, as a profile."""
