"""Figures over time: what GPU, host and process pages have in common."""
