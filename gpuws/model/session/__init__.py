"""Sessions and notebooks: where people work inside a host or a workspace, and the tunnels to there."""
