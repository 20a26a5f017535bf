"""Snapshots in, lines of roled text out. Pure: no terminal, no clock, no I/O."""
