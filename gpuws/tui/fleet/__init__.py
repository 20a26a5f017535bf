"""Home: the fleet, the panel under it, and what can be done with what is selected."""
