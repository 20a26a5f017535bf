"""`jupyter`, `tunnel`, `tunnels`, `ports`, `proxy`: ports that lead inside, and what listens there."""
