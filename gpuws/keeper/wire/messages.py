"""What crosses the keeper's socket. `Hello`, `Welcome`, `Retire` and `Failure` keep their shape in every version."""

from __future__ import annotations

from typing import Literal

from msgspec import Raw, Struct

from gpuws.model.errors import GpuwsError
from gpuws.model.host.host import Host
from gpuws.model.host.question import Answer, Question
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.placement.queued_wait import QueuedWait
from gpuws.model.session.terminal import MyTerminal, Size
from gpuws.model.session.tunnel import Tunnel
from gpuws.model.settings import ScreenSettings
from gpuws.quick.failures import error_of, kind_of


class Message(Struct, frozen=True, tag=True):
    """A map with its kind; what a newer side adds is ignored by an older one."""


NO_TASKS = Raw(b"\x90")
"""An empty list."""
Entry = Literal["attach", "shell", "exec"]
"""Ways into a host or a container."""


# from a client


class Hello(Message, frozen=True):
    """The first message. `client`: a name of its own, the same for all connections of one program.

    `person`: somebody is there to answer questions. `environ`: what of its environment logins need (the agent's
    socket)."""

    protocol: int
    version: str
    client: str = ""
    person: bool = False
    environ: dict[str, str] = {}


class Retire(Message, frozen=True):
    """End, and let the next keeper take the tunnels over; with `forget` end them too."""

    forget: bool = False


class Describe(Message, frozen=True):
    """Which hosts there are, how the screen looks; answered by `Description`."""


class Inquire(Message, frozen=True):
    """How the keeper is; answered by `Condition`."""


class Stay(Message, frozen=True):
    """Read all hosts although nobody looks, for as long as this connection lasts; said again, those that came since,
    too. Answered by `Condition`."""


class Glance(Message, frozen=True):
    """What is known at this moment, without connecting to anything; answered by `Known`."""


class Prepare(Message, frozen=True):
    """What `gpuws gpus --json` prints of these hosts and tags, of all where none is named; answered by `Ready`."""

    hosts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class Enter(Message, frozen=True):
    """`gpuws attach`, `shell` or `exec` in a simple form, `target` as typed. `size` None: without a terminal.

    Answered by `Opened`, `Failure`, or `Unready`."""

    verb: Entry
    target: str
    argv: tuple[str, ...] = ()
    size: Size | None = None
    term: str = ""
    mine: MyTerminal = MyTerminal()


class Subscribe(Message, frozen=True):
    """From now on this connection brings events of these hosts; None: of all, also of those that come."""

    hosts: tuple[str, ...] | None = None


class Reply(Message, frozen=True):
    """An answer to a question; None: this client declines."""

    question: str
    answer: Answer | None


class Watch(Message, frozen=True):
    host: str | None


class CatchUp(Message, frozen=True):
    """Answered by `CaughtUp`, when all that is known now has been sent over this connection."""

    number: int


class Reconnect(Message, frozen=True):
    host: str


class Hurry(Message, frozen=True):
    """Somebody waits for this host."""

    host: str


class Call(Message, frozen=True):
    """One verb of the fleet; its answer is `Result`, `Failure`, or, for what streams, `Opened`."""

    verb: str
    arguments: Raw = Raw(b"\x80")  # an empty map


class Cancel(Message, frozen=True):
    """Stop the call that runs on this connection. Leaving does not: what is a task goes on."""


class Resize(Message, frozen=True):
    size: Size


# from the keeper


class Welcome(Message, frozen=True):
    protocol: int
    version: str
    pid: int
    busy: int = 0  # other clients


class Failure(Message, frozen=True):
    """A `GpuwsError` by the name of its class."""

    kind: str
    message: str
    remedy: str = ""

    @classmethod
    def of(cls, error: GpuwsError) -> Failure:
        return cls(kind_of(error), error.message, error.remedy)

    def error(self) -> GpuwsError:
        """As it was raised on the other side."""
        return error_of(self.kind, self.message, self.remedy)


class Description(Message, frozen=True):
    """The configuration as clients need it. `notes`: what was written but not done, one sentence each."""

    hosts: tuple[Host, ...]
    look: ScreenSettings
    notes: tuple[str, ...] = ()


class Condition(Message, frozen=True):
    """Seconds; `ends_in` None: not before somebody leaves, or a tunnel is closed. `watches`: what is told when it ends;
    `watched`: hosts that rules of the configuration watch; `capped`: containers whose GPU memory is watched."""

    pid: int
    version: str
    config_dir: str
    log: str
    age: float
    clients: int
    hosts: tuple[str, ...]
    tunnels: tuple[Tunnel, ...]
    ends_in: float | None = None
    waits: tuple[QueuedWait, ...] = ()
    tasks: Raw = NO_TASKS
    watches: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()
    capped: tuple[str, ...] = ()


class Known(Message, frozen=True):
    snapshots: tuple[HostSnapshot, ...]


class Ready(Message, frozen=True):
    """`text` None: not all of it is known and fresh, or more is to be said."""

    text: str | None = None


class Subscribed(Message, frozen=True):
    """The hosts in order; their snapshots follow as `Changed`, then `Complete`."""

    hosts: tuple[str, ...]


class Complete(Message, frozen=True):
    """All that was there when the client subscribed has been sent."""


class Changed(Message, frozen=True):
    """Fields of a host's snapshot that are others now; of a host not seen yet all of them.

    `values`: a map of their names to them."""

    host: str
    fields: tuple[str, ...]
    values: Raw


class Asked(Message, frozen=True):
    questions: tuple[Question, ...]


class Tunnelled(Message, frozen=True):
    tunnels: tuple[Tunnel, ...]


class Waiting(Message, frozen=True):
    waits: tuple[QueuedWait, ...]


class Working(Message, frozen=True):
    """`ids`: of all tasks there are now, in order; `tasks`: those of them that changed since this was told last, as
    `wire.tasks` reads them."""

    ids: tuple[str, ...]
    tasks: Raw = NO_TASKS


class Happened(Message, frozen=True):
    """Notices of this moment, as `wire.noticed` reads them; to whoever looks at all hosts."""

    told: Raw


class CaughtUp(Message, frozen=True):
    number: int


class Result(Message, frozen=True):
    value: Raw


class Begun(Message, frozen=True):
    """The call is a task, and goes on without its caller; its `mark` tells it from all others."""

    task: str
    mark: str


class Progressed(Message, frozen=True):
    value: Raw


class Unready(Message, frozen=True):
    """Nothing was done: not all that `Enter` takes is known and fresh, or more is to be said."""


class Opened(Message, frozen=True):
    """Descriptors come with it: the data, and for programs stderr.

    To `Enter`: the target as it would be typed, and words for the user."""

    label: str = ""
    words: str = ""


class Ended(Message, frozen=True):
    """The stream is over. `status` as `Process.wait` tells it; `failure`: why it broke."""

    status: int | None = None
    failure: Failure | None = None


FromClient = (
    Hello
    | Retire
    | Describe
    | Inquire
    | Glance
    | Prepare
    | Stay
    | Enter
    | Subscribe
    | Reply
    | Watch
    | CatchUp
    | Reconnect
    | Hurry
    | Call
    | Cancel
    | Resize
)
FromKeeper = (
    Welcome
    | Failure
    | Description
    | Condition
    | Known
    | Ready
    | Subscribed
    | Complete
    | Changed
    | Asked
    | Tunnelled
    | Waiting
    | Working
    | Happened
    | CaughtUp
    | Result
    | Begun
    | Progressed
    | Unready
    | Opened
    | Ended
)
