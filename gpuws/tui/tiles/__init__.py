"""The whole fleet at a glance: every host a small cell."""
