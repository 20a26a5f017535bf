"""What is said of the fleet, in columns, cells, sentences and JSON: the screen and the shell only draw it. Pure."""
