"""tmux sessions of a Place."""
