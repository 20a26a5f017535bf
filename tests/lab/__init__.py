"""Real SSH hosts with real Docker engines and simulated GPUs, as containers of an engine of the lab's own.

Standard library only: `python3 -m tests.lab up` runs before any environment exists. README.md here is the guide.
"""
