"""`tmux`: sessions, on hosts and in containers."""
