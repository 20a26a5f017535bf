"""What runs on the hosts: containers that hold GPUs, tmux sessions, programs on GPUs outside any container."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from tests.lab import docker_api, gpus, images, machines, shell
from tests.lab.gpus import Use
from tests.lab.hosts import Host

GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Load:
    """What a program takes on GPUs; memory in bytes a GPU, sm in percent."""

    program: str
    gpus: tuple[int, ...]
    memory: int
    sm: int


@dataclass(frozen=True, slots=True)
class Workspace:
    """A container of the scene."""

    name: str
    owner: str
    """Whose home directory it has mounted."""
    devices: tuple[str, ...]
    """GPUs as the engine is asked for them."""
    command: tuple[str, ...] = ("sleep", "infinity")
    labelled: bool = True
    as_root: bool = False
    init: bool = True
    load: Load | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A tmux session of a host."""

    login: str
    name: str
    command: str
    load: Load | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that runs on a host."""

    workspaces: tuple[Workspace, ...] = ()
    sessions: tuple[Session, ...] = ()


def _in_tmux(command: str) -> tuple[str, ...]:
    """A container's command with its tmux session `main`, where somebody typed `command`."""
    return (
        "sh",
        "-c",
        f"tmux new-session -d -s main && tmux send-keys -t main '{command}' Enter && exec sleep infinity",
    )


LLAMA = "python train.py --config llama-7b.yaml"
BERT = "python train.py --config bert.yaml"
EVAL = "python train.py --config eval-mmlu.yaml"
RESNET = "python train.py --config resnet50.yaml"
TOKENIZE = "python train.py --config tokenize.yaml"


def of(host: Host) -> Scene:
    """The scene of a host."""
    return {"alpha": _alpha, "bravo": _bravo, "charlie": _charlie}[host.name](host)


def _alpha(_: Host) -> Scene:
    torch_dev = Workspace("torch-dev", "alice", ("0", "1"), _in_tmux(LLAMA), load=Load(LLAMA, (0, 1), 73 * GIB, 97))
    bert = Workspace(
        "bert",
        "bob",
        ("2",),
        tuple(BERT.split()),
        labelled=False,
        as_root=True,
        init=False,
        load=Load(BERT, (2,), 21 * GIB, 64),
    )
    return Scene((torch_dev, bert), (Session("alice", "train", TOKENIZE),))


def _bravo(host: Host) -> Scene:
    evaluation = Workspace("eval", "bob", ("nvidia.com/gpu=0",), _in_tmux(EVAL), load=Load(EVAL, (0,), 38 * GIB, 88))
    reserved = Workspace("reserved", "carol", (f"nvidia.com/gpu={host.uuids[1]}",))
    train = Session("alice", "train", RESNET, Load(RESNET, (2,), 57 * GIB, 91))
    return Scene((evaluation, reserved), (train,))


def _charlie(_: Host) -> Scene:
    return Scene(sessions=(Session("as1204", "main", "top -d 10"), Session("as1204", "notes", "watch -n 20 date")))


def ensure(host: Host) -> None:
    """Start what is missing or has ended, and write what the GPUs say now; what others started stays."""
    scene = of(host)
    for workspace in scene.workspaces:
        if not _is_right(host, workspace):
            _create(host, workspace)
    open_sessions = sessions(host)
    running = {(process.user, process.args) for process in machines.processes(host.name)}
    for session in scene.sessions:
        is_open = (session.login, session.name) in open_sessions
        if not is_open or (session.login, session.command) not in running:
            _open(host, session, anew=is_open)
    if host.gpu_count:
        gpus.write(host.name, gpus.of_scene(host, list(_uses(host, scene))))


def strip(host: Host) -> None:
    """Remove the containers, volumes and tmux sessions that are not the scene's."""
    scene = of(host)
    if host.has_engine:
        mine = {f"/{workspace.name}" for workspace in scene.workspaces}
        for summary in docker_api.call(host.name, "GET", "/containers/json", query={"all": 1}):
            if not mine.intersection(summary["Names"]):
                docker_api.call(host.name, "DELETE", f"/containers/{summary['Id']}", query={"force": 1, "v": 1})
        for volume in docker_api.call(host.name, "GET", "/volumes")["Volumes"] or ():
            docker_api.call(host.name, "DELETE", f"/volumes/{volume['Name']}")
    for login, name in sessions(host) - {(session.login, session.name) for session in scene.sessions}:
        machines.run(host.name, ["su", "-l", login, "-c", f"tmux kill-session -t '={name}'"], check=False)


def sessions(host: Host) -> set[tuple[str, str]]:
    """(login, session) of the tmux sessions of its people."""
    script = "; ".join(
        f"tmux -S /tmp/tmux-{person.uid}/default list-sessions -F '{person.login} #{{session_name}}'"
        for person in host.people
    )
    listing = machines.run(host.name, ["sh", "-c", script], check=False).stdout.decode(errors="replace")
    return {(login, name) for login, _, name in (line.partition(" ") for line in listing.splitlines())}


def _is_right(host: Host, workspace: Workspace) -> bool:
    """Whether the container is there, of today's image, and runs what it should."""
    found = docker_api.call(host.name, "GET", f"/containers/{workspace.name}/json")
    image = docker_api.call(host.name, "GET", f"/images/{images.WORKSPACE}/json")
    if not found or found["State"]["Status"] != "running" or found["Image"] != image["Id"]:
        return False
    return workspace.load is None or _pid_inside(host, workspace.name, workspace.load.program) is not None


def _create(host: Host, workspace: Workspace) -> None:
    docker_api.call(host.name, "DELETE", f"/containers/{workspace.name}", query={"force": 1})
    body = _create_body(host, workspace)
    created = docker_api.call(host.name, "POST", "/containers/create", query={"name": workspace.name}, body=body)
    docker_api.call(host.name, "POST", f"/containers/{created['Id']}/start")


def _create_body(host: Host, workspace: Workspace) -> dict[str, Any]:
    owner = next(person for person in host.people if person.login == workspace.owner)
    uuids = [host.uuids[int(device)] if device.isdigit() else device for device in map(_short, workspace.devices)]
    labels = {
        "gpuws.owner": workspace.owner,
        "gpuws.profile": "pytorch-2.8-cu128",
        "gpuws.gpus": ",".join(uuids),
        "gpuws.created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    driver = {"Driver": "cdi"} if host.gpu_road == "cdi" else {"Capabilities": [["gpu"]]}
    return {
        "Image": images.WORKSPACE,
        "Cmd": workspace.command,
        "User": "" if workspace.as_root else f"{owner.uid}:{owner.uid}",
        "Labels": labels if workspace.labelled else {},
        "HostConfig": {
            "Init": workspace.init,
            "Binds": [f"/home/{workspace.owner}/work:/workspace"],
            "DeviceRequests": [{**driver, "DeviceIDs": workspace.devices}],
        },
    }


def _short(device: str) -> str:
    """The index or UUID in a device's name."""
    return device.rpartition("=")[2]


def _open(host: Host, session: Session, *, anew: bool) -> None:
    """The session, as if somebody had opened it and typed the command."""
    steps = [f"tmux kill-session -t ={session.name}"] if anew else []
    steps += [f"tmux new-session -d -s {session.name}", f"tmux send-keys -t {session.name} '{session.command}' Enter"]
    machines.run(host.name, ["su", "-l", session.login, "-c", f"cd work && {' && '.join(steps)}"])


def _uses(host: Host, scene: Scene) -> Iterator[Use]:
    """The processes that hold GPUs, by the ids that they have in the host's process table."""
    finders: list[tuple[Load, Callable[[], int | None]]] = []
    finders += [
        (load, partial(_pid_inside, host, it.name, load.program)) for it in scene.workspaces if (load := it.load)
    ]
    finders += [(load, partial(_pid_outside, host, it)) for it in scene.sessions if (load := it.load)]
    for load, find in finders:
        pid = _await_pid(find, f"`{load.program}` on {host.name}")
        yield from (Use(index, pid, load.memory, load.sm) for index in load.gpus)


def _await_pid(find: Callable[[], int | None], what: str) -> int:
    shell.wait_until(lambda: find() is not None, what, timeout=20)
    found = find()
    assert found is not None
    return found


def _pid_inside(host: Host, container: str, program: str) -> int | None:
    listing = docker_api.call(host.name, "GET", f"/containers/{container}/top", query={"ps_args": "-eo pid,args"})
    return next((int(pid) for pid, args in listing["Processes"] if args == program), None)


def _pid_outside(host: Host, session: Session) -> int | None:
    found = machines.processes(host.name)
    return next(
        (process.pid for process in found if (process.user, process.args) == (session.login, session.command)), None
    )
