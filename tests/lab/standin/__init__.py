"""Images that stand in for those which built-in profiles are built from: the same layout, without PyTorch and CUDA."""
