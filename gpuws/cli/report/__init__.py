"""`report`, `metrics`: what was, and what is, for those who count."""
