"""A host itself: what is wrong with it, and how to come to it again."""
