"""`cp`: files between here, hosts and containers."""
