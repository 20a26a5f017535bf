"""What is missing or risky on a host, each with its fix."""
