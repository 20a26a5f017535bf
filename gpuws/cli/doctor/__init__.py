"""`doctor`: what is missing or risky on the hosts."""
