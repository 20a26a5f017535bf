"""A host reached over SSH by paramiko, with its faults cured."""
