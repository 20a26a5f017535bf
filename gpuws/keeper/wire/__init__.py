"""What crosses the keeper's socket, and how: messages, verbs, errors."""
