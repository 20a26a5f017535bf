"""How an engine hands GPUs out, and what else of it a launch must know."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gpuws.engines.docker.client import Client
from gpuws.engines.docker.gpus import CDI_KIND, HOOK, mode_of
from gpuws.engines.docker.parse import rows, table
from gpuws.model.container import GpuMode
from gpuws.model.errors import GpuwsError, HostError

# Engine 20.10 with only NVIDIA's hook on its PATH says nothing of it in GET /info; specifications are files there.
_SCRIPT = r"""
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
command -v "$1" >/dev/null 2>&1 && echo hook
shift
for directory in "$@"; do
  for file in "$directory"/*.yaml "$directory"/*.yml "$directory"/*.json; do
    if [ -r "$file" ] && grep -q "nvidia.com/gpu" "$file"; then
      echo kind
      grep -o 'name"*: *"*[A-Za-z0-9:_-]*' "$file"
    elif [ -e "$file" ] && [ ! -r "$file" ]; then
      case $file in *nvidia*) echo kind ;; esac
    fi
  done
done
true
"""


@dataclass(frozen=True, slots=True)
class Mode:
    """`cdi_devices`: names that the host's CDI specifications give to GPUs. `memory`: the host's, in bytes.

    `rootless`: the engine runs as me, and root in a container is me on the host. `secluded`: the networks of its
    containers are not the host's (rootless engines, Docker Desktop)."""

    name: GpuMode | None
    cdi_devices: frozenset[str] = frozenset()
    memory: int | None = None
    rootless: bool = False
    secluded: bool = False


def detect(client: Client) -> Mode:
    with client.errors():
        info = table(client.api.info())
    directories = [str(path) for path in rows(info.get("CDISpecDirs"))]
    hook, devices = _look(client, directories)
    memory = info.get("MemTotal")
    rootless = any("rootless" in str(option) for option in rows(info.get("SecurityOptions")))
    return Mode(
        mode_of(info, [f"{CDI_KIND}={name}" for name in devices], hook),
        frozenset(devices) | _discovered(info.get("DiscoveredDevices")),
        memory if isinstance(memory, int) and memory > 0 else None,
        rootless,
        rootless or "Docker Desktop" in str(info.get("OperatingSystem")),
    )


def _look(client: Client, directories: list[str]) -> tuple[bool, list[str]]:
    try:
        done = client.link.run(["sh", "-c", _SCRIPT, "sh", HOOK, *directories], timeout=10.0)
    except HostError:
        raise
    except GpuwsError:
        return False, []
    return parse(done.stdout.decode(errors="replace"))


def parse(text: str) -> tuple[bool, list[str]]:
    """Whether the hook is there, and the device names of the specifications."""
    lines = text.splitlines()
    names = [match[1] for line in lines if (match := re.match(r'name"*: *"*([A-Za-z0-9:_-]+)"?\Z', line))]
    return "hook" in lines, names or (["all"] if "kind" in lines else [])


def _discovered(devices: object) -> frozenset[str]:
    ids = [str(table(device).get("ID", "")) for device in rows(devices)]
    return frozenset(word.partition("=")[2] for word in ids if word.startswith(f"{CDI_KIND}="))
