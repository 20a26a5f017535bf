"""What is worth being told of, to whom it goes, and when it is told: frozen data and pure rules."""
