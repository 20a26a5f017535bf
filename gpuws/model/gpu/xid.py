"""What a fault of a GPU means, and whose it is. Pure.

The meanings are NVIDIA's: https://docs.nvidia.com/deploy/xid-errors"""

from __future__ import annotations

from gpuws.model.gpu.reading import Xid

OF_PROGRAMS = frozenset({13, 31, 43, 45, 68, 69})
"""What a program did; the GPU is well, and serves the next one."""
MEANINGS = {
    13: "a program did what is not allowed on the GPU",
    31: "a program touched memory of the GPU that is not its own",
    43: "a program's fault ended its work on the GPU",
    45: "work on the GPU was ended with its program",
    48: "uncorrectable memory error (ECC)",
    61: "its internal controller stopped",
    62: "its internal controller halted",
    63: "bad memory is replaced at the next reset",
    64: "bad memory could not be replaced",
    68: "a program's video work failed",
    69: "a program gave the GPU what it does not know",
    74: "NVLink error",
    79: "GPU has fallen off the bus",
    92: "many corrected memory errors (ECC)",
    94: "memory error (ECC): what used it is ended, the GPU goes on",
    95: "memory error (ECC) that may have spread: it needs a reset",
    119: "its system processor (GSP) does not answer",
    120: "its system processor (GSP) failed",
}


def called(xid: Xid) -> str:
    """`Xid 31`; `fault` where it has no number."""
    return "fault" if xid.number is None else f"Xid {xid.number}"


def said(xid: Xid) -> str:
    """The driver's own words where it said more than a number and a place; "" where nobody knows."""
    meaning = MEANINGS.get(xid.number or 0, "")
    placed = xid.text.startswith("on GPU instance")
    return " ".join(filter(None, (meaning, xid.text))) if placed else xid.text or meaning


def of_a_program(xid: Xid) -> bool:
    return xid.number in OF_PROGRAMS
