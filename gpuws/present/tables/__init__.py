"""The things of the fleet as tables, one file a subject: their columns, and the cells of each row."""
