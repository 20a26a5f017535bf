"""How GPUs were used over weeks: what is kept of readings, and the sums that are made of it. Pure."""
