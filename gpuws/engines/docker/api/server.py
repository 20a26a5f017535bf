"""Who answers at an engine's socket, and the API version that both sides were made for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gpuws.engines.docker.api.http import Dial, request
from gpuws.model.errors import GpuwsError
from gpuws.model.text import plain

TESTED_MAX = (1, 45)
OLDEST = (1, 40)
"""API 1.40 (Engine 19.03) is the first that knows device requests."""

GREETING_TIMEOUT = 10.0
DOCKER = "Docker"
PODMAN = "Podman"


@dataclass(frozen=True, slots=True)
class Server:
    """What the engine says of itself, and the API version spoken with it. `platform`: linux/amd64; "" unknown.
    `name`: Docker, or Podman, which speaks Docker's API."""

    version: str
    api: str
    platform: str = ""
    name: str = DOCKER

    @property
    def major(self) -> int:
        """Of its version; 0 where it tells none."""
        first = self.version.partition(".")[0]
        return int(first) if first.isdecimal() else 0

    @property
    def is_podman(self) -> bool:
        return self.name == PODMAN

    @property
    def release(self) -> tuple[int, int]:
        """Major and minor number of its own version; zeros where it tells none."""
        return _number(".".join(self.version.split(".")[:2]))

    def at_least(self, number: tuple[int, int]) -> bool:
        """Whether the API version spoken is that one or a later one."""
        return _number(self.api) >= number


def greet(dial: Dial, host: str) -> Server:
    """Ask the engine on the other side which versions it speaks. GpuwsError when none of them is ours."""
    with request(dial, "GET", "/version", timeout=GREETING_TIMEOUT) as reply:
        told = reply.json()
    if not isinstance(told, dict) or not isinstance(told.get("ApiVersion"), str):
        raise GpuwsError(f"what answers on the Docker socket of {host} is not a Docker Engine")
    version = plain(str(told.get("Version", "")), 40)
    platform = plain(f"{told.get('Os')}/{told.get('Arch')}", 60) if told.get("Os") and told.get("Arch") else ""
    name = _name(told)
    return Server(version, choose_version(told, host, f"{name} {version}"), platform, name)


def _name(told: dict[str, Any]) -> str:
    """Podman tells its own name among its components, and a version of its own counting."""
    parts = told.get("Components")
    names = [part.get("Name") for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    return PODMAN if "Podman Engine" in names else DOCKER


def choose_version(told: dict[str, Any], host: str, engine: str) -> str:
    """The newest API version that both sides know. `engine`: its name and version."""
    newest, oldest = _number(told.get("ApiVersion")), _number(told.get("MinAPIVersion"))
    if newest < OLDEST:
        raise GpuwsError(f"{engine} on {host} is too old for gpuws", "it needs Docker Engine 19.03 or newer")
    chosen = min(newest, TESTED_MAX)
    if chosen < oldest:
        raise GpuwsError(f"{engine} on {host} is newer than this gpuws knows", "update gpuws")
    return f"{chosen[0]}.{chosen[1]}"


def _number(text: object) -> tuple[int, int]:
    major, _, minor = str(text or "0.0").partition(".")
    return (int(major), int(minor)) if major.isdecimal() and minor.isdecimal() else (0, 0)
