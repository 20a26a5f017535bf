"""This machine, reached without a network."""
