"""Files copied from and to what is selected."""
