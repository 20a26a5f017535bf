"""What follows from the model alone."""
