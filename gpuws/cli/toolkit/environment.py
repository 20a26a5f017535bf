"""What the environment says of where commands do their work."""

from __future__ import annotations

import os


def demo_wanted() -> bool:
    """Commands run on the simulated fleet."""
    return os.environ.get("GPUWS_DEMO") == "1"


def keeper_wanted() -> bool:
    return os.environ.get("GPUWS_KEEPER") != "0" and not demo_wanted()
