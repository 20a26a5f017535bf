"""What `--json` prints, one document a listing or an action: INTERFACE §3. Unknown is null, never 0. Pure."""
