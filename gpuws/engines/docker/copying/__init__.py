"""Images and data brought from one host's engine to another's, through this program as a stream."""
