"""Images built on a host: what is sent, how it goes, why it failed."""
