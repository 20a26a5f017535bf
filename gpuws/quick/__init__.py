"""The road of commands that must answer in a blink: the keeper's socket, frames, greeting, errors and streams."""
