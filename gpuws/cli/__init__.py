"""The command line: Typer commands over the Fleet protocol, and the composition root.

`commands/` holds every command's words and options and loads nothing heavy; what they do lies beside it."""
