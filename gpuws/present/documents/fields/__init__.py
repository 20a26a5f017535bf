"""What `--json` prints, field by field: its type, and what a name does not say by itself. A file for each subject, as
the modules beside this folder make its documents.

A unit is the end of a name: bytes, percent, seconds, °C, W. Times are RFC 3339 in UTC. Unknown is null, never 0."""
