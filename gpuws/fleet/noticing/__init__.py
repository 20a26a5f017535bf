"""Sees what happens in a fleet, writes it down, and has it told."""
