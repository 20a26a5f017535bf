"""Images: listed, pulled, built, and the logins of their registries."""
