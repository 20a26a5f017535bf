"""What Docker can be told of a container, a row for each option, walked by all that creates, reads and compares."""
