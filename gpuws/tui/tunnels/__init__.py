"""Tunnels: opened, copied, closed."""
