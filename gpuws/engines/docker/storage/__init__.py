"""What fills the engine's disk: how much, volumes, and data brought to another host."""
