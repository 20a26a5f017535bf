"""A report of how GPUs were used, as text, Markdown, CSV, JSON and one page for a browser. Pure."""
