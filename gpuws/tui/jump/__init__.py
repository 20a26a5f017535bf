"""A few letters, and you are there: sessions, containers, notebooks and hosts of the whole fleet."""
