"""Docker's HTTP API: connections, streams, and its errors as sentences."""
