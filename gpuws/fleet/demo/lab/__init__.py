"""The simulated lab behind the demo: its machines, what runs on them, and how their values move."""
