"""Docker: what it is asked and what it tells, and the tests' own engine."""
