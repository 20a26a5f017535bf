"""Tmux sessions and shells: the ways in, and the terminal handed over."""
