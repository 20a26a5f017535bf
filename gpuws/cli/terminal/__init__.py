"""This terminal joined to a remote one, or taken for a frame that is painted again and again."""
