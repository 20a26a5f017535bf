"""Every key that works where one is, and what the signs and colours mean."""
