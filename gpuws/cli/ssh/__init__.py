"""Hosts and workspaces as ssh targets, and the editor that opens them so."""
