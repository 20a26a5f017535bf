"""One host of the local fleet: its supervisor, what it reads there, and the snapshot it makes of it."""
