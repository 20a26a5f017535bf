"""A few letters, and you are there: sessions, containers and notebooks of the whole fleet."""
