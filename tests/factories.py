"""Values of the model for tests: what a test does not name has a usual value."""

from dataclasses import fields, replace

from gpuws.engines.docker.caps import CAPS
from gpuws.engines.docker.existing.states import meaning
from gpuws.model.gpu.gpu import Gpu, GpuProcess, Holder
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.session.session import Session
from gpuws.model.session.window import Pane, Window
from gpuws.model.workspace.engine import EngineInfo
from gpuws.model.workspace.workspace import Container, Ref, Workspace

GIB = 1 << 30
NOW = 1_800_000_000.0
_OF_A_CONTAINER = {one.name for one in fields(Container)} - {"image"}


def workspace(host, identity, name, image="image", word="running", created=None, **told):
    """As Docker tells of a container. `word`: Docker's for its state. `told`: fields of a workspace, or of what only a
    container has."""
    oci = Container(image, **{key: told.pop(key) for key in _OF_A_CONTAINER & told.keys()})
    means = meaning(word)
    return Workspace(
        Ref(host, identity), name, host, means.state, word, means.actions, created=created, oci=oci, **told
    )


def being(one, word):
    """The same in another state, by Docker's word."""
    means = meaning(word)
    return replace(one, state=means.state, status=word, actions=means.actions)


def gpu(index=0, *, user=None, name="train.py", kind="process", used=0, mine=False, host="alpha", **more):
    """A GPU; held by `user` where one is given."""
    holder = Holder(kind, name, user, more.pop("idle", None), mine) if user else None
    process = GpuProcess(
        100 + index, user, f"python {name}", used * GIB, 90.0, name if kind == "container" else None,
        started_at=NOW - 3600, mine=mine,
    )  # fmt: skip
    return Gpu(
        index, f"GPU-{host}-{index}", more.pop("model", "NVIDIA A100-SXM4-80GB"), memory_used=used * GIB,
        memory_total=80 * GIB, utilization=more.pop("utilization", 90.0 if user else 0.0), temperature=50.0,
        power=300.0, held_by=(holder,) if holder else (),
        processes=(process,) if user and kind != "reservation" else (), **more,
    )  # fmt: skip


def container(name="torch-dev", *, host="alpha", mine=True, owner="alice", state="running", **more):
    """A workspace of alice's, who is me."""
    return workspace(
        host, more.pop("id", f"{name}-id"), name, "torch:2.8", state, created=NOW - 7200, owner=owner, mine=mine, **more
    )


def snapshot(name="alpha", **more):
    """A host that is up and told everything."""
    told = {
        "state": HostState.UP,
        "updated_at": NOW,
        "latency": 0.02,
        "engine": EngineInfo("docker", version="26.1", caps=CAPS),
        "complete": frozenset({"telemetry", "containers", "sessions"}),
    }
    return HostSnapshot(name, **{**told, **more})


def layout(*pids):
    """A window of tmux with a pane for each."""
    return (Window("@1", active=True, panes=tuple(Pane(f"%{pid}", pid, "python", pid == pids[0]) for pid in pids)),)


def session(name="main", **more):
    told = {"activity": NOW - 60, "created": NOW - 600, "command": "python", "mine": True, "id": "$4"}
    return Session(name, **{**told, **more})
