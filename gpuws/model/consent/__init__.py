"""What is said and asked before something is touched."""
