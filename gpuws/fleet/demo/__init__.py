"""A simulated lab in memory: the same Fleet, nothing dialled, nothing touched."""

from gpuws.fleet.demo.fleet import DemoFleet

__all__ = ["DemoFleet"]
