"""Parts of screens that know how to draw and move, and nothing of hosts' verbs."""
