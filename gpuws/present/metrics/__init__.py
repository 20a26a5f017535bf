"""What is known at this moment as OpenMetrics, for whoever scrapes. Pure."""
