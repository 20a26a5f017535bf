"""What the other documents of `--json` hold, field by field, as `gpu_fields` says it of GPUs; and which command prints
which."""

from __future__ import annotations

from typing import TypedDict

from gpuws.model.host.ran import Means
from gpuws.model.placement.plan import Status
from gpuws.model.placement.queued_wait import WaitState
from gpuws.model.profile.profile import Owner
from gpuws.model.session.tunnel import Speaks, TunnelState
from gpuws.model.task import TaskState
from gpuws.present.documents.disk_fields import DisksDocument, VolumesDocument
from gpuws.present.documents.done_fields import (
    ImagesDoneDocument,
    TasksDoneDocument,
    TunnelsDoneDocument,
    VolumesDoneDocument,
    WaitsDoneDocument,
)
from gpuws.present.documents.gpu_fields import GpusDocument, HostRow, Time, UsersDocument
from gpuws.present.documents.kernel_fields import ActedKernelsDocument, KernelsDocument
from gpuws.present.documents.notice_fields import NoticesDocument, TriedDocument
from gpuws.present.documents.session_fields import ActedSessionsDocument, SessionsDocument


class PortRow(TypedDict):
    """A port of a container."""

    target: int
    """Inside."""
    host_ip: str | None
    """The host's address on which it is published."""
    published: int | None
    """The host's port; null: it is reached through a tunnel only."""


class ContainerRow(TypedDict):
    """A container, whoever made it."""

    host: str
    id: str
    name: str
    image: str
    state: str
    """The engine's own word."""
    created: Time | None
    reason: str | None
    """Why it ended: `exited 137, out of memory`."""
    health: str | None
    """Of its health check."""
    owner: str | None
    mine: bool
    profile: str | None
    """That it was launched from."""
    gpus: list[str]
    """UUIDs that it was given."""
    memory_limit_bytes: int | None
    gpu_memory_bytes: int | None
    """In use by its processes."""
    ports: list[PortRow]
    started: Time | None
    """While it runs."""
    restarts: int | None
    """How often its engine began it again."""
    project: str | None
    """Of Compose."""
    cpu_limit_percent: float | None
    """100 for each processor that it may keep busy; null: no cap."""
    cpu_percent: float | None
    """100 for each processor that it kept busy; null without `--usage`."""
    memory_used_bytes: int | None
    """Of the host's memory; null without `--usage`."""
    tunnels: list[int]
    """Local ports that lead into it."""


class ContainersDocument(TypedDict):
    """Containers of all hosts."""

    hosts: list[HostRow]
    containers: list[ContainerRow]


class ActedRow(TypedDict):
    """A container that something was to be done to."""

    host: str
    id: str
    """Of the new one, where it was made again."""
    name: str
    """What it is called then."""
    done: bool
    error: str | None
    """Why it was not done; null with `--dry-run`, too."""
    command: str
    """The same as a plain command."""


class ActedDocument(TypedDict):
    """What became of one action on one container or several, once the last has ended."""

    action: str
    containers: list[ActedRow]


class TunnelRow(TypedDict):
    """A local port that leads to a host or into a container."""

    target: str
    """`HOST:PORT` or `HOST/CONTAINER:PORT`."""
    local_port: int
    state: TunnelState
    """`listening`: nothing went through it yet; `up`: what is there took the last connection; `waiting`: the host is
    away, the port is kept; `asking`: the host needs a person; `refuses`: nothing takes connections there; `gone`:
    nothing bears the name, or it does not run; `taken`: another program has the local port. `error` says why."""
    url: str | None
    """Of a notebook, with its token: a secret."""
    bytes_in: int
    bytes_out: int
    error: str | None
    since: Time | None
    """When its state began."""
    connections: int
    """That are open now, those included that wait for their host."""
    last_error: str | None
    """The last that `error` said, also after it was mended."""
    speaks: Speaks | None
    """What the last answer began as; null: there was none, or it is something else."""
    kept: bool
    """It stays when the program that opened it ends."""
    bind: str
    """The address of this workstation at which it takes connections; `""`: its loopback."""


class TunnelsDocument(TypedDict):
    """Tunnels that are open in the keeper, or the one that was opened."""

    hosts: list[HostRow]
    """Empty: nothing is asked of hosts."""
    tunnels: list[TunnelRow]


class ListeningRow(TypedDict):
    """A TCP port that takes connections in a place."""

    port: int
    service: str
    """As in `gpuws tunnel TARGET:SERVICE`; `http`, `https` or `tcp` for what is none of those."""
    process: str | None
    """The name of the program that has it; null: the host does not show whose it is."""
    pid: int | None
    """Of that process, on the host."""
    address: str | None
    """The only one at which it takes connections; null: all that the place has."""


class ListeningDocument(TypedDict):
    """What listens on a host or in a container."""

    hosts: list[HostRow]
    target: str
    """`HOST` or `HOST/CONTAINER`."""
    ports: list[ListeningRow]


class NotebookDocument(TypedDict):
    """One line once the tunnel to a notebook server is ready."""

    url: str | None
    """With its token: a secret."""
    local_port: int


class WaitRow(TypedDict):
    """A wait in the keeper."""

    id: str | None
    """null with `--dry-run`: it is not begun."""
    state: WaitState
    gpus: str
    """As ordered, `count=2,model=H100`."""
    hosts: list[str]
    profile: str | None
    """Launched once they are free."""
    name: str | None
    """Of the container that is launched."""
    since: Time | None
    ended: Time | None
    detail: str
    """What it waits for, or how it ended."""


class WaitsDocument(TypedDict):
    """Waits that go on, and those that ended in the last day."""

    waits: list[WaitRow]


class TaskRow(TypedDict):
    """Background work of the keeper."""

    id: str
    verb: str
    """What it is, `launch` or `pull_image`."""
    title: str
    host: str | None
    state: TaskState
    stage: str | None
    """Its last step, `pulling`."""
    percent: float | None
    """Of that step, where it can be told."""
    began: Time | None
    ended: Time | None
    result: str | None
    """What was made or gained."""
    error: str | None
    remedy: str | None


class TasksDocument(TypedDict):
    """Tasks that go on, and those that ended in the last day."""

    tasks: list[TaskRow]


class DeviceRow(TypedDict):
    """A GPU, or a MIG instance of one."""

    uuid: str
    index: int
    """Of the GPU that it is or belongs to."""
    label: str
    """`2`, and `2:0` for an instance."""
    name: str
    memory_bytes: int | None


class CopiedRow(TypedDict):
    """One thing that was copied; paths have their target in front, as they are typed."""

    source: str
    target: str


class CopiedDocument(TypedDict):
    """What was copied, once all of it was tried."""

    copied: list[CopiedRow]
    files: int
    bytes: int
    resumed_bytes: int
    """Of these, what had arrived before."""
    seconds: float
    left_out: int
    """Things that did not come along: stderr says which, and why."""


class FreeDocument(TypedDict):
    """One line once such GPUs are free."""

    host: str
    gpus: list[str]
    """UUIDs."""
    devices: list[DeviceRow]
    waited_seconds: float


class CheckRow(TypedDict):
    """One check before a launch, or of a checkup."""

    name: str
    status: Status
    detail: str
    remedy: str | None
    """The way to mend it; empty or null where nothing is to be done."""


class RejectedRow(TypedDict):
    """A GPU that was not taken."""

    gpu: str
    reason: str


class VerifiedDevice(TypedDict):
    """A GPU as torch sees it in a container."""

    index: int
    """As torch counts there."""
    name: str
    memory_bytes: int | None
    seconds: float | None
    """Of one matrix product; null: there was none."""
    error: str | None
    """Why there was none, or that it was wrong."""


class VerificationRow(TypedDict):
    """Whether torch can compute in a container."""

    python: str | None
    torch: str | None
    cuda: str | None
    """That torch was built for; null: for none."""
    devices: list[VerifiedDevice]
    problem: str | None
    """null: it is well."""
    remedy: str | None


class AnswerRow(TypedDict):
    """What a command said on one host."""

    host: str
    status: int | None
    """128 + signal; null: it did not come to its end, as `error` says."""
    stdout: str
    stderr: str
    error: str | None


class AnsweredDocument(TypedDict):
    """One command on many hosts."""

    command: list[str]
    status: int
    """The highest of all; a host without one counts 255."""
    answers: list[AnswerRow]


class LaunchDocument(TypedDict):
    """One line once it runs; with `--dry-run` what would be made."""

    host: str
    name: str
    id: str | None
    """null: nothing was made, or it is not listed yet."""
    state: str | None
    """The engine's own word."""
    gpus: list[str]
    """UUIDs."""
    rejected: list[RejectedRow]
    ports: list[PortRow]
    checks: list[CheckRow]
    command: str
    """The equivalent `docker run` line."""
    verification: VerificationRow | None
    """What `--verify` found."""


class CheckedHost(HostRow):
    """A host with its checks."""

    checks: list[CheckRow]


class CheckupDocument(TypedDict):
    """What is missing or risky on each host."""

    hosts: list[CheckedHost]


class ImageRow(TypedDict):
    """An image of a host's engine."""

    host: str
    id: str
    names: list[str]
    """Empty: it is dangling."""
    digests: list[str]
    size_bytes: int | None
    created: Time | None
    used_by: list[str]
    """Names of containers."""


class ImagesDocument(TypedDict):
    """Images of all hosts."""

    hosts: list[HostRow]
    images: list[ImageRow]


class ComparedRow(TypedDict):
    """An image beside what its registry has."""

    host: str
    name: str
    newer: bool | None
    """The registry has another; null: it did not say."""
    error: str | None


class ComparisonDocument(TypedDict):
    """Which images are behind their registries."""

    hosts: list[HostRow]
    images: list[ComparedRow]


class BuildRow(TypedDict):
    """An image on one host, built or to be built."""

    host: str
    image: str | None
    """What it is called; null: it could not even be planned."""
    built: bool
    error: str | None
    """Why not: with a build that failed the Dockerfile's line, its command, and what of its output decides."""
    context: str | None
    """The directory that is sent; null: only a Dockerfile is."""
    context_bytes: int | None
    context_files: int | None
    checks: list[CheckRow]
    command: str | None
    """The equivalent `docker build` line."""


class BuildsDocument(TypedDict):
    """What was built where; with `--dry-run` what would be."""

    hosts: list[HostRow]
    builds: list[BuildRow]


class PrunedRow(TypedDict):
    """What a host's engine gave back."""

    host: str
    freed_bytes: int


class PrunedDocument(TypedDict):
    """What removing dangling images, or volumes, freed."""

    hosts: list[HostRow]
    pruned: list[PrunedRow]


class ProfileRow(TypedDict):
    """A saved recipe."""

    name: str
    description: str
    image: str | None
    gpus: str
    """As a person reads it: `2`, `none`, `2 × H100, 40G`."""
    owner: Owner
    accepted: bool
    """What it does was accepted; true for mine and built-in ones."""
    source: str | None
    """Its file."""
    error: str | None
    """Why it can't be used."""
    note: str | None


class ProfilesDocument(TypedDict):
    """Profiles: built-in ones, the lab's, mine."""

    hosts: list[HostRow]
    """Empty: nothing is asked of hosts."""
    profiles: list[ProfileRow]


class LostRow(TypedDict):
    """What a profile can't say of what was read, or what is not done as it stands there."""

    line: int | None
    """Of what was read; null: of the whole."""
    what: str
    why: str
    instead: str | None
    """What to write or do."""


class ImportedRow(TypedDict):
    """A service, a line or a file as a profile."""

    name: str
    """What it could be called, or was saved as."""
    container: str | None
    """The name that it gives its container: for `--name`."""
    text: str
    """YAML without secrets."""
    saved: str | None
    """The file that was written."""
    lost: list[LostRow]


class ImportedDocument(TypedDict):
    """What was read of somebody's recipe."""

    hosts: list[HostRow]
    """Empty: nothing is asked of hosts."""
    profiles: list[ImportedRow]


class ValueRow(TypedDict):
    """A value of a merged profile."""

    key: str
    """`gpus.count`."""
    value: str
    source: str
    """File and line it is from."""


class ProfileDocument(TypedDict):
    """One profile, merged, with where each value came from."""

    hosts: list[HostRow]
    """Empty: nothing is asked of hosts."""
    name: str
    values: list[ValueRow]


class DifferenceRow(TypedDict):
    """What a container and its profile do not agree on."""

    key: str
    profile: str | None
    container: str | None


class DriftDocument(TypedDict):
    """Where a container differs from what its profile says now."""

    target: str
    profile: str | None
    differences: list[DifferenceRow]


class ConfiguredHost(TypedDict):
    """A host as configured: nothing was dialled, so `state`, `error` and `age_seconds` are null."""

    name: str
    state: None
    error: None
    age_seconds: None
    hostname: str | None
    """null: an alias of the SSH configuration."""
    user: str | None
    port: int | None
    jump: str | None
    """The host through which it is reached."""
    tags: list[str]
    readonly: bool


class RanRow(TypedDict):
    """Something that gpuws did on a host, or began there."""

    at: Time | None
    """When it began."""
    until: Time | None
    """Where it stands for several: when the last of them began."""
    times: int
    host: str
    user: str
    """As whom, there."""
    by: Means
    what: str
    """Without secrets; long scripts only as they begin."""
    of: str | None
    """The row of [on-servers.md](on-servers.md)."""
    running: bool
    """Its end is not known here."""
    status: int | None
    """As a shell has it; of a `request` as HTTP has it."""
    seconds: float | None
    error: str | None
    """Why nothing came of it, or how it ended without a status."""


class RanDocument(TypedDict):
    """What gpuws did on hosts, newest last."""

    ran: list[RanRow]


class InventoryDocument(TypedDict):
    """The hosts of the configuration."""

    hosts: list[ConfiguredHost]


class KeeperRow(TypedDict):
    """The background process."""

    pid: int
    version: str
    config_dir: str
    log: str
    """Its file."""
    age_seconds: float
    clients: int
    """Screens and commands that use it now."""
    hosts: list[str]
    tunnels: list[TunnelRow]
    waits: list[WaitRow]
    tasks: list[TaskRow]
    watches: list[str]
    """What is told when it ends."""
    watched: list[str]
    """Hosts that rules of config.yaml watch."""
    ends_in_seconds: float | None
    """null: not before somebody leaves, or a tunnel is closed."""


class KeeperDocument(TypedDict):
    """The keeper, if one runs."""

    keeper: KeeperRow | None


class PathsDocument(TypedDict):
    """Where files are."""

    config: str
    hosts: str
    profiles: str
    built_in_profiles: str
    state: str
    known_hosts: str
    log: str
    command_log: str
    """What gpuws did on hosts."""
    runtime: str
    keeper_socket: str
    keeper_log: str


DOCUMENTS = {
    "gpus": GpusDocument, "top": GpusDocument, "gpus --by user": UsersDocument, "ps": ContainersDocument,
    "ls": ContainersDocument, "tmux": SessionsDocument, "tmux ls": SessionsDocument, "launch": LaunchDocument,
    "run": LaunchDocument, "clone": LaunchDocument, "wait": FreeDocument, "waits": WaitsDocument,
    "wait --gpus 2 --launch base --detach": WaitsDocument, "wait --gpus 2 --dry-run": WaitsDocument,
    "verify": VerificationRow, "exec": AnsweredDocument, "cp": CopiedDocument,
    "notify ls": NoticesDocument, "notify test": TriedDocument,
    "tasks": TasksDocument, "tasks ls": TasksDocument, "tasks retry": TasksDocument,
    "waits ls": WaitsDocument, "jupyter": NotebookDocument, "tunnel": TunnelsDocument, "tunnels": TunnelsDocument,
    "kernels": KernelsDocument, "kernels ls": KernelsDocument,
    **dict.fromkeys(("kernels interrupt", "kernels restart", "kernels shutdown"), ActedKernelsDocument),
    "tunnels ls": TunnelsDocument, "ports": ListeningDocument, "doctor": CheckupDocument,
    "images": ImagesDocument, "images ls": ImagesDocument,
    "images check": ComparisonDocument, "images prune": PrunedDocument, "images build": BuildsDocument,
    "profiles": ProfilesDocument, "profiles ls": ProfilesDocument, "profiles show": ProfileDocument,
    "profiles import": ImportedDocument,
    **dict.fromkeys(
        ("start", "stop", "restart", "kill", "pause", "unpause", "rename", "rm", "prune", "recreate"), ActedDocument
    ),
    **dict.fromkeys(("tmux new", "tmux rename", "tmux detach", "tmux kill"), ActedSessionsDocument),
    "drift": DriftDocument, "hosts": InventoryDocument, "hosts ls": InventoryDocument, "hosts log": RanDocument,
    "keeper": KeeperDocument,
    "keeper status": KeeperDocument, "paths": PathsDocument,
    **dict.fromkeys(("images pull", "images copy", "images rm"), ImagesDoneDocument), "volumes rm": VolumesDoneDocument,
    "tunnels close": TunnelsDoneDocument, "waits cancel": WaitsDoneDocument, "tasks cancel": TasksDoneDocument,
    "disks": DisksDocument, "volumes": VolumesDocument, "volumes ls": VolumesDocument, "volumes prune": PrunedDocument,
}  # fmt: skip
"""Command → what it prints with `--json`."""
