"""How a person names or filters things."""
