"""From a profile to a container: what is looked at, planned and made."""
