"""`jupyter`, `tunnel`, `tunnels`: ports that lead inside."""
