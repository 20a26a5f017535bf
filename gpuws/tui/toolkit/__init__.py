"""What screens are made of: rows, tables, dialogs, text, and the line of keys."""
