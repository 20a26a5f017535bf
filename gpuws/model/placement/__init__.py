"""Which GPUs on which host a launch gets, and waiting for them."""
