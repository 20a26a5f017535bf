"""Hosts: as configured, as they are seen at one moment, and what they have not told yet."""
