"""The application: every host's state, and the verbs on it."""
