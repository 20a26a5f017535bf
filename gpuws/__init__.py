"""gpuws: a terminal workspace manager for shared GPU servers."""

try:
    from gpuws._version import __version__ as __version__
except ImportError:  # these files were never built nor installed: see [tool.hatch.version]
    __version__ = "0.1.dev0"
