"""What loads hosts beside their GPUs."""
