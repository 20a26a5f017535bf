"""The programs' side of the keeper's socket: the way to a keeper, and its fleet as they see it."""
