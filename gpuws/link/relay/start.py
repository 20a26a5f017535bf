"""How the relay's far side gets to a place: what starts it, and the program that it reads."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from gpuws.link import interpreter

MAGIC = "GPUWS-RELAY"
NAME = "gpuws-relay"
"""What it is called among the processes there."""
LEASE = 30.0
"""Seconds without a word from here, after which it ends."""

# Unbuffered: what comes behind the program is for the program.
_FIRST_STAGE = f"""
import os, sys, zlib
os.write(1, ("{MAGIC} %s\\n" % sys.argv[2]).encode())
size, code = int(sys.argv[3]), b""
while len(code) < size:
    code += os.read(0, size - len(code)) or sys.exit()
exec(zlib.decompress(code))
"""
# Its modules are found where a package would put them, without a file.
_SECOND_STAGE = """
import sys
for name, source in %r:
    module = type(sys)(name)
    module.__package__, module.__path__ = "relay", []
    sys.modules[name] = module
    exec(compile(source, name, "exec"), module.__dict__)
sys.modules["relay.program"].main(%r)
"""


def argv(nonce: str, python: str | None = None) -> Sequence[str]:
    """Starts it wherever a POSIX shell and a Python are. It says `MAGIC nonce`, then reads `program()`."""
    needs = "zlib, selectors, socket, threading"
    return interpreter.argv(_FIRST_STAGE, NAME, nonce, len(program()), needs=needs, python=python)


@cache
def program() -> bytes:
    folder = files("gpuws.link.relay.far")
    sources = [
        (f"relay.{name}" if name else "relay", folder.joinpath(f"{name or '__init__'}.py").read_text(encoding="utf-8"))
        for name in ("", "frames", "program")
    ]
    return zlib.compress((_SECOND_STAGE % (sources, LEASE)).encode(), 9)
