"""How the agent gets onto a host: the first stage as an argv, and the bytes that it reads."""

from __future__ import annotations

import threading
import zlib
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files

from gpuws.link import interpreter
from gpuws.model.host.swallowed import MARK
from gpuws.model.session.listing import ASKED
from gpuws.probe import binding

_making = threading.Lock()
MAGIC = "GPUWS1"
MODULES = (  # as they are imported, since the first is wanted while the others are still being compiled
    "",
    "main",
    "machine",
    "files",
    "faults",
    "faults.sources",
    "faults.kernel_log",
    "gpu",
    "detail",
    "faults.events",
    "faults.throttling",
    "counters",
    "fields",
    "mig",
    "using",
    "lifetime",
    "processes",
    "cgroup",
    "threads",
    "load",
    "load.mounts",
    "load.table",
    "load.top",
    "containers",
    "containers.figures",
    "containers.places",
    "containers.watch",
    "silicon",
    "silicon.drivers",
    "silicon.jetson",
    "nvml",
    "programs",
    "screens",
    "tmux",
    "stand_ins",
)
# The words behind the code are there for `ps`, for the client and for `read`.
FIRST_STAGE = (
    "import sys,zlib;print('" + MAGIC + "',sys.argv[2],flush=True);"
    "exec(zlib.decompress(sys.stdin.buffer.read(int(sys.argv[3]))))"
)


@dataclass(frozen=True, slots=True)
class AgentOptions:
    """Seconds: between samples, without a word from the client until the agent ends, and of its whole life.

    `tmux`: what a tmux server is asked."""

    interval: float = 2.0
    lease: float = 30.0
    lifetime: float = 86400.0
    tmux: tuple[str, ...] = ASKED


@dataclass(frozen=True, slots=True)
class Payload:
    """`first` is read by the first stage, whose argv names its size; `rest` by the second."""

    first: bytes
    rest: bytes


def argv(nonce: str, payload: Payload, python: str | None = None) -> list[str]:
    """Starts the agent wherever a POSIX shell is. `python`: the only interpreter to try."""
    size = len(payload.first)
    needs = "zlib, _ctypes"
    return interpreter.argv(FIRST_STAGE, "gpuws-probe", nonce, size, needs=needs, python=python, mark=MARK)


def payload(options: AgentOptions) -> Payload:
    sent = modules()
    sizes = [(name, len(packed)) for name, packed in sent]
    loader = _agent("loader") + f"\nrun({sizes!r}, {asdict(options)!r})\n"
    return Payload(zlib.compress(loader.encode(), 9), b"".join(packed for _, packed in sent))


def modules() -> tuple[tuple[str, bytes], ...]:
    """Names on the host and compressed sources, the same for every host: made once, however many want them now."""
    with _making:
        return _modules()


@cache
def _modules() -> tuple[tuple[str, bytes], ...]:
    sources = [(f"agent.{name}" if name else "agent", _agent(name)) for name in MODULES]
    sources.append(("pynvml", binding.needed(binding.installed(), [source for _, source in sources])))
    return tuple((name, zlib.compress(source.encode(), 9)) for name, source in sources)


def _agent(name: str) -> str:
    """The source of a module, or of a package of them."""
    path = name.replace(".", "/")
    place = files("gpuws.probe.agent").joinpath(path)
    file = place.joinpath("__init__.py") if place.is_dir() else files("gpuws.probe.agent").joinpath(f"{path}.py")
    return file.read_text(encoding="utf-8")
