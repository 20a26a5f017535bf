"""The keeper's side of its socket: whom it serves, with what, and for how long."""
