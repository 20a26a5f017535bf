"""Files from one place to another: both ends, what goes over, and how it is gone on with."""
