"""What there is to know of one workspace beyond its row: read when somebody looks at it closely."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MountPoint:
    """`kind`: bind, volume, tmpfs; `source`: a directory of its host, a volume's name, "" for what lies nowhere."""

    kind: str
    source: str
    path: str
    writable: bool = True


@dataclass(frozen=True, slots=True)
class Network:
    """One that it is on, with the address that it has there, and the names by which it is found there."""

    name: str
    address: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One run of its own check. `at`: epoch seconds; `exit_code`: 0 where it is well; `output`: what it said."""

    at: float | None
    exit_code: int | None
    output: str


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that the engine saw. `at`: epoch seconds; `what`: in the engine's own words."""

    at: float
    what: str


@dataclass(frozen=True, slots=True)
class Details:
    """None, and empty: the engine did not tell. Times in epoch seconds, sizes in bytes.

    `image_id`: of the very image that it runs. `restart`: what its engine does when it ends. `variables`: names and
    values of its environment, secrets as `***`. `failures`: runs of its check in a row that went wrong; `checks`: the
    last ones, oldest first. `events`: as far back as the engine remembers, oldest first."""

    image_id: str = ""
    command: tuple[str, ...] = ()
    directory: str = ""
    user: str = ""
    hostname: str = ""
    pid: int | None = None
    started: float | None = None
    ended: float | None = None
    exit_code: int | None = None
    restart: str = ""
    restarts: int | None = None
    shared_memory: int | None = None
    privileged: bool = False
    mounts: tuple[MountPoint, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    networks: tuple[Network, ...] = ()
    health: str = ""
    failures: int = 0
    checks: tuple[HealthCheck, ...] = ()
    events: tuple[Happening, ...] = ()
