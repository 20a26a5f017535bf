"""`hosts`: the inventory."""
