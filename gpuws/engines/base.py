"""What an engine does for a fleet: a core that all of them have, and parts that one has or has not.

Calls block, may come from any thread, and raise `GpuwsError` with a sentence for people; a lost link is the link's own
error. Workspaces are named by the id that the engine gave them, in full."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from gpuws.model.errors import Refused

if TYPE_CHECKING:
    from gpuws.link.place import Place, Process, Stream
    from gpuws.model.build.want import BuildPlan, BuildWay
    from gpuws.model.errors import GpuwsError
    from gpuws.model.files.files import Seen
    from gpuws.model.gpu.gpu import Gpu
    from gpuws.model.gpu.reading import HostFacts
    from gpuws.model.host.host import Host
    from gpuws.model.placement.follow import Launched
    from gpuws.model.placement.plan import Check, Plan, Report, Want
    from gpuws.model.profile.captured import Captured, Difference
    from gpuws.model.profile.profile import Profile
    from gpuws.model.workspace.actions import Action
    from gpuws.model.workspace.details import Details
    from gpuws.model.workspace.engine import Caps, EngineInfo
    from gpuws.model.workspace.image import Image
    from gpuws.model.workspace.logs import LogWindow
    from gpuws.model.workspace.storage import DiskUsage, Mount, Renumber, Volume
    from gpuws.model.workspace.usage import Counters
    from gpuws.model.workspace.workspace import Ref, Workspace

Part = TypeVar("Part")
Recheck = Callable[[], None]
"""Looks at the GPUs of a plan once more and raises where one is no longer free."""
Fill = Callable[[str], None]
"""Called with the id of a workspace that was made and did not begin yet; raises where it must not begin."""


@dataclass(frozen=True, slots=True)
class Site:
    """What the engine must know of its host to plan a launch. `owner`: who I am there, for the label.

    `driver`, `cuda`: NVIDIA's driver and the newest CUDA it runs, "580.95.05" and "13.0". `short`: why `gpus` may not
    be all, or not all that is known of them."""

    host: Host
    facts: HostFacts
    gpus: tuple[Gpu, ...]
    owner: str
    workstation: str
    driver: str | None = None
    cuda: str | None = None
    short: GpuwsError | None = None


@dataclass(frozen=True, slots=True)
class Absent:
    """In the place of a part that an engine has not. `reason`: why, in words for people, as its `Caps` have it."""

    reason: str


def present(part: Part | Absent) -> Part:
    """The part, `Refused` with the reason where the engine has it not."""
    if isinstance(part, Absent):
        raise Refused(part.reason, "see gpuws doctor for what the host's engine is")
    return part


class Engine(Protocol):
    """One a host, or one a cluster. Nobody may assume that a workspace starts at once, that its place is known
    beforehand, or that it names its GPUs."""

    @property
    def caps(self) -> Caps:
        """What it can do, as data for whoever is far from it; never changes and never blocks."""
        ...

    @property
    def images(self) -> Images | Absent:
        """It keeps images, or not. Taking a part never blocks."""
        ...

    @property
    def recipes(self) -> Recipes | Absent:
        """What workspaces were made from can be read off them, or not."""
        ...

    @property
    def dial(self) -> Dial | Absent:
        """Other programs can speak to it, or not."""
        ...

    @property
    def storage(self) -> Storage | Absent:
        """It keeps data of its own on the host's disks, or not."""
        ...

    @property
    def inspection(self) -> Inspection | Absent:
        """It tells more of a workspace than its row, or not."""
        ...

    @property
    def files(self) -> Files | Absent:
        """It reaches the files of its workspaces from outside, or not."""
        ...

    @property
    def orphans(self) -> Orphans | Absent:
        """It can leave programs behind, or not."""
        ...

    def info(self) -> EngineInfo:
        """What its greeting told; never blocks."""
        ...

    def workspaces(self) -> list[Workspace]:
        """All of them, ended ones included, newest first; a round trip or some. `mine` and `gpu_memory` are joined
        later."""
        ...

    def forget(self) -> None:
        """What it remembers of a moment ago does not do for the next list."""
        ...

    def due(self) -> float | None:
        """Seconds after which the list may be another although `changes` does not tell; None: it tells of all."""
        ...

    def changes(self, stop: threading.Event) -> Iterator[None]:
        """Yields at once, and whenever the list may have changed. Ends when `stop` is set; an error where what tells it
        breaks: whoever follows asks again."""
        ...

    def plan(self, profile: Profile, want: Want, site: Site) -> Plan:
        """What `launch` would do: checks, GPUs, the equivalent command in the engine's own words. The host is asked,
        nothing is changed; a failed check is a row of the plan, no error."""
        ...

    def launch(
        self,
        plan: Plan,
        report: Report,
        cancel: threading.Event,
        recheck: Recheck | None = None,
        fill: Fill | None = None,
    ) -> Launched:
        """Carry the plan out, which may take hours; returns once the engine has taken the workspace and it did not end
        at once, and is ready where `plan.want.follow` asks for it. `Cancelled` soon after `cancel` is set: then, and
        where it fails, nothing is left behind that did not run. `report` is called from this thread. Verifying is the
        caller's.

        `recheck` is called just before GPUs are taken, while no other launch can choose some there; `Refused` by it, or
        on a host that may only be looked at. `fill` brings data into it before it begins; the engine of a plan with
        `data` has `storage`."""
        ...

    def place(
        self, workspace_id: str, *, user: str | None = None, cwd: str | None = None, env: Sequence[str] = ()
    ) -> Place:
        """The inside of a workspace that can be entered; nothing is asked before the place is used. `user` None: as
        whom the workspace runs. `env`: KEY=VALUE. Confirming that it is somebody else's is the caller's duty."""
        ...

    def address(self, workspace_id: str, port: int) -> tuple[Place, str, int]:
        """From where a TCP port of the workspace is reached, and as what: a host and a port to dial in that place.
        Nothing is started for it; an error where there is no way to it."""
        ...

    def logs(self, workspace_id: str, window: LogWindow) -> Stream:
        """What it has printed, as bytes; with `follow` until it ends. The caller closes it."""
        ...

    def inspect(self, workspace_id: str) -> dict[str, object]:
        """All that the engine knows of it, in its own words; may hold secrets."""
        ...

    def act(self, workspace_id: str, action: Action, *, force: bool = False, grace: float | None = None) -> None:
        """Returns when it is done. `force`: remove it although programs live in it. `grace`: seconds between asking it
        to end and ending it, None: as it was made. `Unanswered` where it may have been done, and no answer came.
        Confirming, and whether the host may be changed, is the caller's duty."""
        ...

    def rename(self, workspace_id: str, name: str) -> None:
        """Call it otherwise; `Refused` by an engine that can't. Confirming, and whether the host may be changed, is the
        caller's duty."""
        ...

    def checkup(self, *, gpus: bool) -> tuple[Check, ...]:
        """What of the engine is missing or risky, whatever is launched; only asks. `gpus`: the host has some."""
        ...


class Images(Protocol):
    """What workspaces are made from, as the engine keeps it. Changes are `Refused` on a read-only host; confirming them
    is the caller's duty."""

    def listed(self) -> list[Image]:
        """All that have a name, and dangling ones; newest first."""
        ...

    def pull(self, reference: str, report: Report, cancel: threading.Event) -> None:
        """With this workstation's login for the image's registry; may take hours. Cancelled: the engine stops."""
        ...

    def plan_build(self, profile: Profile, way: BuildWay) -> BuildPlan:
        """What `build` would do; nothing is sent. UsageError where the profile builds nothing, or what it is built
        from can't be read."""
        ...

    def build(self, profile: Profile, way: BuildWay, report: Report, cancel: threading.Event) -> str:
        """What the image is called then. `report` gets each line of output. May take hours. Cancelled: the engine
        stops."""
        ...

    def remove(self, image: str, *, force: bool = False) -> None:
        """By name or id; one that a workspace uses is refused. Tens of gigabytes may take minutes."""
        ...

    def prune(self) -> int:
        """Remove dangling images; how many bytes that freed."""
        ...

    def copy(self, reference: str, target: Images, report: Report, cancel: threading.Event) -> None:
        """Put it onto another host, by a name or an id; through this program, nothing of it held in memory. What
        arrived before it was cancelled or broke off is kept there for the next time. `Refused` where that is another
        kind of engine, or its host is read-only."""
        ...

    def newer(self, reference: str) -> bool | None:
        """Whether the registry has another image by that name; None: it can't be told. Asked through the engine."""
        ...


class Recipes(Protocol):
    """What a workspace was made from, read off it."""

    def capture(self, workspace_id: str, site: Site) -> Captured:
        """A profile that makes such a one again, here or elsewhere; its secrets beside it."""
        ...

    def compose_file(self, workspace_id: str) -> str:
        """A Compose file that makes such a one again here; secrets by name only."""
        ...

    def drift(self, workspace_id: str, profile: Profile, site: Site) -> tuple[Difference, ...]:
        """Where it differs from what `profile` says now; empty where it does not."""
        ...

    def recreate(
        self,
        workspace_id: str,
        report: Report,
        cancel: threading.Event,
        labels: Mapping[str, str],
        ports: Mapping[int, int] = ...,
    ) -> Ref:
        """Make it again under its name, with these `labels` besides and other `ports` of the host. Failed or cancelled:
        the old one is back as it was. `Refused` on a read-only host; confirming is the caller's duty."""
        ...


class Storage(Protocol):
    """What fills the disks of the host. Changes are `Refused` on a read-only host; confirming them is the caller's
    duty."""

    def usage(self, cancel: threading.Event) -> DiskUsage:
        """All of it, by what it is; whose it is as far as labels tell. May take minutes. `Cancelled`: the engine stops
        looking."""
        ...

    def volumes(self) -> list[Volume]:
        """Without their sizes: a round trip or some."""
        ...

    def make_volume(self, name: str, labels: Mapping[str, str]) -> bool:
        """Whether there was none of that name; one that is there stays as it is. `labels` tell it from any other."""
        ...

    def remove_volume(self, name: str) -> None:
        """Refused by the engine where a workspace uses it, even one that does not run."""
        ...

    def mounts(self, workspace_id: str) -> list[Mount]:
        """What of a workspace lies outside of it, without sizes."""
        ...

    def own(self, path: str, image: str, uid: int, gid: int) -> None:
        """Give what root has below the host's directory `path` to that user, by a throwaway workspace of `image`, which
        is there. No link is followed and no other file system entered."""
        ...

    def send(
        self,
        workspace_id: str,
        given: Sequence[Mount],
        target: Storage,
        into: str,
        owners: Renumber,
        report: Report,
        cancel: threading.Event,
    ) -> None:
        """Bring its data into the same places of a workspace on another host that has not begun yet; through this
        program. Files of the same name there are written over. What arrived before it was cancelled or broke off stays.
        `Refused` where that is another kind of engine."""
        ...


class Inspection(Protocol):
    """What is read only while somebody looks."""

    def details(self, workspace_id: str) -> Details:
        """All there is to know of one; some round trips."""
        ...

    def usage(self, ids: Sequence[str]) -> list[Counters]:
        """What each takes now; those that don't run are left out. A round trip or some for each of them."""
        ...


class Files(Protocol):
    """Files of workspaces, whether programs run in them or not. Whether they may be changed, and confirming it, is the
    caller's duty."""

    def look(self, workspace_id: str, path: bytes) -> Seen:
        """What lies there; relative paths begin at the root. No patterns."""
        ...

    def read(self, workspace_id: str, directory: bytes, names: Sequence[bytes]) -> Process:
        """A tar of the one thing that is named in `directory`, on its output."""
        ...

    def write(self, workspace_id: str, directory: bytes) -> Process:
        """Unpacks the tar that is its input, with the owners that stand in it; nothing outside of `directory` is
        reached. What broke off in the middle leaves a file that is not whole."""
        ...

    def owner(self, workspace_id: str) -> tuple[int, int]:
        """uid and gid of whom the workspace runs as."""
        ...


class Dial(Protocol):
    """The engine's own API, for programs that speak Docker's by themselves (`gpuws with`)."""

    def connect(self) -> Stream:
        """A fresh connection, which the caller closes. Whoever has one may do all that the engine can."""
        ...


class Orphans(Protocol):
    """Programs that a gpuws of this workstation left in workspaces, killed or cut off from them."""

    def end(self) -> int:
        """End them; how many there were."""
        ...
