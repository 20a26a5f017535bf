"""A background process of the user that holds links, tunnels and questions; screens and commands are its clients."""
