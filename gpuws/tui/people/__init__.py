"""Who holds how much of the fleet."""
