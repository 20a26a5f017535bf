"""Files that are copied: how they are named, how they are reached, where they come to lie."""
