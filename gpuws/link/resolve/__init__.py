"""What OpenSSH's configuration and its files of keys say of a host."""
