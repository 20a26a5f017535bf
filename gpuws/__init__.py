"""gpuws: a terminal workspace manager for shared GPU servers."""

__version__ = "0.1.0"
