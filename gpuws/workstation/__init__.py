"""What gpuws does on the machine it runs on, beside its terminal: the browser, and who else is logged in there."""
