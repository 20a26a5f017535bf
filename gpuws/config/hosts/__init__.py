"""hosts.yaml, and what of the SSH configuration it names."""
