"""How an engine hands GPUs out, and what else of it a launch must know."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.api.server import Server
from gpuws.engines.docker.existing.gpus import CDI_KIND, HOOK, mode_of
from gpuws.engines.docker.existing.parse import rows, table
from gpuws.model.errors import GpuwsError, HostError
from gpuws.model.workspace.engine import GpuMode

# Engine 20.10 with only NVIDIA's hook on its PATH says nothing of it in GET /info; specifications are files there.
_SCRIPT = r"""
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
command -v "$1" >/dev/null 2>&1 && echo hook
shift
named=  # programs of the toolkit that a specification has run: where it is none of the PATH's
for directory in "$@"; do
  for file in "$directory"/*.yaml "$directory"/*.yml "$directory"/*.json; do
    if [ -r "$file" ] && grep -q "nvidia.com/gpu" "$file"; then
      echo kind
      grep -o 'name"*: *"*[A-Za-z0-9:_-]*' "$file"
      named="$named $(sed -n 's|.*path"*: *"*\(/[A-Za-z0-9._/-]*/nvidia-c[a-z-]*\).*|\1|p' "$file" | head -n 1)"
    elif [ -e "$file" ] && [ ! -r "$file" ]; then
      case $file in *nvidia*) echo kind ;; esac
    fi
  done
done
for program in nvidia-ctk nvidia-container-cli $named; do
  if command -v "$program" >/dev/null 2>&1; then
    echo "toolkit $($program --version 2>/dev/null | grep -o '[0-9][0-9]*\.[0-9][0-9]*\.[0-9][0-9]*' | head -n 1)"
    break
  fi
done
[ -e /run/nvidia-persistenced/socket ] && echo persistent
true
"""

PODMAN_SPECS = ("/etc/cdi", "/var/run/cdi")
"""Where Podman reads specifications, which it does not tell (5.4)."""
PODMAN_HEEDS_CDI = (5, 4)
"""The release whose API takes devices of CDI (podman #25171); before, only its command line does."""


@dataclass(frozen=True, slots=True)
class Mode:
    """`cdi_devices`: names that the host's CDI specifications give to GPUs. `memory`: the host's, in bytes.

    `rootless`: the engine runs as me, and root in a container is me on the host. `secluded`: the networks of its
    containers are not the host's (rootless engines, Docker Desktop). `toolkit`: NVIDIA's, as "1.17.8". `persistent`:
    nvidia-persistenced has the driver ready from boot on. `root_dir`: where images and containers lie.
    `live_restore`: containers go on while the engine restarts. `keeps_ids`: a container can have my numbers though the
    engine is rootless (Podman's keep-id). `unlimited`: what is asked of memory, processors and processes is ignored."""

    name: GpuMode | None
    cdi_devices: frozenset[str] = frozenset()
    memory: int | None = None
    rootless: bool = False
    secluded: bool = False
    toolkit: str | None = None
    persistent: bool = False
    cgroup_driver: str | None = None
    root_dir: str | None = None
    swap_limit: bool = True
    live_restore: bool | None = None
    keeps_ids: bool = False
    unlimited: bool = False


def detect(client: Client) -> Mode:
    with client.errors():
        info = table(client.call("GET", "/info"))
    podman = client.server.is_podman
    directories = [str(path) for path in rows(info.get("CDISpecDirs"))] or [*(PODMAN_SPECS if podman else ())]
    found = _look(client, directories)
    memory = info.get("MemTotal")
    rootless = any("rootless" in str(option) for option in rows(info.get("SecurityOptions")))
    return Mode(
        name=_podmans(client.server, found) if podman else mode_of(info, _named(found.devices), found.hook),
        cdi_devices=frozenset(found.devices) | _discovered(info.get("DiscoveredDevices")),
        memory=memory if isinstance(memory, int) and memory > 0 else None,
        rootless=rootless,
        secluded=rootless or "Docker Desktop" in str(info.get("OperatingSystem")),
        toolkit=found.toolkit,
        persistent=found.persistent,
        cgroup_driver=_text(info.get("CgroupDriver")),
        root_dir=_text(info.get("DockerRootDir")),
        swap_limit=info.get("SwapLimit") is not False,
        live_restore=restore if isinstance(restore := info.get("LiveRestoreEnabled"), bool) and not podman else None,
        keeps_ids=podman and rootless,
        unlimited=podman and rootless and info.get("CgroupVersion") == "1",
    )


def _named(devices: tuple[str, ...]) -> list[str]:
    return [f"{CDI_KIND}={name}" for name in devices]


def _podmans(server: Server, found: Found) -> GpuMode | None:
    """By CDI alone: a request in Docker's other form, or before the release that heeds it, is dropped without a word,
    and so would be the GPUs. It does not tell of specifications: those are looked for where it reads them."""
    return "cdi" if found.devices and server.release >= PODMAN_HEEDS_CDI else None


@dataclass(frozen=True, slots=True)
class Found:
    """What the host's own files and programs tell of GPUs in containers."""

    hook: bool = False
    devices: tuple[str, ...] = ()
    toolkit: str | None = None
    persistent: bool = False


def _look(client: Client, directories: list[str]) -> Found:
    try:
        done = client.link.run(["sh", "-c", _SCRIPT, "sh", HOOK, *directories], timeout=10.0)
    except HostError:
        raise
    except GpuwsError:
        return Found()
    return parse(done.stdout.decode(errors="replace"))


def parse(text: str) -> Found:
    """The lines of the script. A specification that can't be read has all devices, as far as we know."""
    lines = text.splitlines()
    names = [match[1] for line in lines if (match := re.match(r'name"*: *"*([A-Za-z0-9:_-]+)"?\Z', line))]
    version = next((line.partition(" ")[2].strip() for line in lines if line.startswith("toolkit ")), "")
    return Found(
        "hook" in lines, tuple(names or (["all"] if "kind" in lines else [])), version or None, "persistent" in lines
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _discovered(devices: object) -> frozenset[str]:
    ids = [str(table(device).get("ID", "")) for device in rows(devices)]
    return frozenset(word.partition("=")[2] for word in ids if word.startswith(f"{CDI_KIND}="))
