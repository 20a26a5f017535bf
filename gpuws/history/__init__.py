"""How GPUs were used, written down on this machine by the keeper, and read for reports."""
