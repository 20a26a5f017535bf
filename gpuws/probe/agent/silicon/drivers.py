"""Whose driver is loaded where NVIDIA's is not."""

import os

AMD = "/sys/module/amdgpu"
COMPUTE = "/dev/kfd"  # of AMD's driver, for programs that compute


def amd(module=AMD, device=COMPUTE):
    """A screen's card alone is no GPU for work."""
    return os.path.exists(module) and os.path.exists(device)
