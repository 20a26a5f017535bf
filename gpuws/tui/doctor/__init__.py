"""What is missing or risky on the hosts."""
