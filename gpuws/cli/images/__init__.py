"""`images`: what the hosts' engines hold."""
