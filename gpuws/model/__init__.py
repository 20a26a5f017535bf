"""What gpuws talks about: frozen data and pure rules. Nothing here does I/O."""
