"""What a host is judged by beyond its snapshot: asked for once, when somebody wants to know. None is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gpuws.model.gpu.reading import Disk
from gpuws.model.host.snapshot import HostSnapshot


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """How a host was reached. `server`: its software, as it names itself. `host_key`: type and fingerprint.

    `login`: seconds from dialling to being logged in, None where a person answered meanwhile. `sessions`: how many
    programs and terminals are open over it, of which `spilled` had to go over further connections, because the server
    opened no more on the first. `forbidden`: what the server refused to forward to. `exposed`: private key files here
    that others can read, so that they were not used. `backend`: what speaks SSH, paramiko or openssh; `why`: what
    decided that, "" where nothing spoke against paramiko. `told`: rows of what the server said during the login,
    unasked: its banner, and when an account or a password ends. `besides`: what `ssh` would do besides logging in,
    as the SSH configuration has it, and gpuws does not."""

    server: str | None = None
    host_key: str | None = None
    login: float | None = None
    needed_human: bool = False
    sessions: int | None = None
    spilled: int = 0
    forbidden: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    backend: str = ""
    why: str = ""
    told: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """What the host's own files and programs tell. Bytes and seconds.

    `ahead`: of the host's clock before the workstation's, what the way there can't explain; negative: behind.
    `hidepid`: how /proc hides what others run, "" not at all. `cards`: NVIDIA GPUs on the PCI bus, whatever the driver.
    `module`: the version of the NVIDIA kernel module that is loaded. `kills`: programs end when their user logs out;
    `lingers`: not mine."""

    ahead: float | None = None
    hidepid: str | None = None
    shm: Disk | None = None
    tmp: Disk | None = None  # where it is a file system of its own
    memory_available: int | None = None
    swap_used: int | None = None
    swap_total: int | None = None
    tmux: str | None = None
    cards: int | None = None
    module: str | None = None
    kills: bool | None = None
    lingers: bool | None = None


@dataclass(frozen=True, slots=True)
class Opener:
    """A process of mine, outside of containers, that has a GPU's device open; `began` as of `Leftovers`."""

    pid: int
    gpu: int
    began: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Of mine on a host, outside of containers. `shm`: files of /dev/shm that no program of mine has open, and their
    bytes. `kernels`: process ids of Jupyter kernels whose server is gone; `began`: when they started, in ticks since
    the boot. `managed`: programs that end with my last login unless I linger. `large`: large files of /dev/shm and
    /tmp, whoever made them, as directory, login and bytes."""

    shm: tuple[tuple[str, int], ...] = ()
    kernels: tuple[int, ...] = ()
    began: tuple[tuple[int, int], ...] = ()
    openers: tuple[Opener, ...] = ()
    managed: tuple[str, ...] = ()
    large: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Owned:
    """Files of root's in a directory of mine that a container of mine has mounted. `more`: at least
    `count`, as it was not looked through."""

    workspace: str
    path: str
    count: int
    example: str
    more: bool = False


@dataclass(frozen=True, slots=True)
class Claims:
    """What containers of mine want of a host. `listening`: TCP ports that somebody listens on, with the login of whom
    where it was asked for. `owned`: see there."""

    listening: Mapping[int, str] = field(default_factory=dict)
    owned: tuple[Owned, ...] = ()


@dataclass(frozen=True, slots=True)
class Shut:
    """A container of mine that was given GPUs and may not open them any more. `device`: the first, `/dev/nvidiactl`."""

    workspace: str
    device: str


@dataclass(frozen=True, slots=True)
class Exam:
    """`now`: epoch seconds; `idle_after`: seconds without work. `link` None: this machine, or not connected.

    `misreports`: the driver is one of those that name processes which can't be. `left` None: it can't be told."""

    snapshot: HostSnapshot
    now: float
    idle_after: float
    link: LinkFacts | None = None
    machine: MachineFacts = MachineFacts()
    misreports: bool = False
    left: Leftovers | None = None
    shut: tuple[Shut, ...] = ()
    claims: Claims | None = None
