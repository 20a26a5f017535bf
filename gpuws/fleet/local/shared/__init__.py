"""What the facets of the local fleet work on together."""
