"""What fills a host's disks."""
