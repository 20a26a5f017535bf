"""Every command's words and options. These modules load nothing heavy: what a command does is imported when it runs."""
