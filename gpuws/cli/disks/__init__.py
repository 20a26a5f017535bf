"""`disks`, `volumes`: what fills the hosts' disks, and what of it can go."""
