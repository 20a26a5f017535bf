"""Panes of real programs in a real tmux, recorded to hold the rules of `gpuws.model.session.judging` against."""
