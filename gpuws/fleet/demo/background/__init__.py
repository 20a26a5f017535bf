"""What goes on in the demo without whoever asked for it."""
