"""What a preflight looks at, a subject a file."""
