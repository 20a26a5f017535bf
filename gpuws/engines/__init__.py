"""What runs workspaces."""
