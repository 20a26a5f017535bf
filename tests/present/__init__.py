"""What is said of the fleet: columns, cells, words."""
