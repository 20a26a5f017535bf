"""The quick road: what it understands, and what it leaves to the long one."""
