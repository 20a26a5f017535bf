"""Links that are cut between a verb and its answer, on a real host: what the verb says then is what is true there."""

import io
import json
import os
import tarfile
import threading
import time
from functools import partial
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.setup import open_fleet, real_setup
from gpuws.engines.docker.images import part
from gpuws.fleet.local import inside
from gpuws.fleet.local.shared import managing, unanswered
from gpuws.jupyter import kernels, starting
from gpuws.model.errors import GpuwsError, Unanswered
from gpuws.model.host.host import HostState
from gpuws.model.ownership.identity import FROM_LABEL, OWNER_LABEL
from gpuws.model.workspace.workspace import PlaceRef, Ref
from tests.e2e.gpuws import copied
from tests.lab import docker_api, faults

pytestmark = [pytest.mark.lab, pytest.mark.timeout(120)]
STUBBORN = "trap 'touch /tmp/told' TERM; while :; do sleep 0.1; done"
GRACE = 4.0


def until(holds, seconds=40.0):
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


@pytest.fixture(scope="module")
def fleet(lab):
    setup = real_setup(Options(config_dir=str(lab.config_dir)))
    with open_fleet(setup, ("alpha",)) as fleet:
        yield fleet
    faults.reset("alpha")


def ready(fleet):
    until(lambda: all("containers" in s.complete and s.state is HostState.UP for s in fleet.snapshots()))
    return fleet.snapshots()[0]


@pytest.fixture
def stubborn(fleet):
    """A container that ends only once its grace is over."""
    snapshot = ready(fleet)
    body = {
        "Image": "gpuws-lab/workspace:latest",
        "Cmd": ["sh", "-c", STUBBORN],
        "Labels": {OWNER_LABEL: snapshot.me.owner, FROM_LABEL: snapshot.me.workstation},
    }
    name = f"stubborn-{os.getpid()}"
    made = docker_api.call("alpha", "POST", "/containers/create", query={"name": name}, body=body)["Id"]
    docker_api.call("alpha", "POST", f"/containers/{made}/start")
    until(lambda: any(one.id == made and one.alive for one in fleet.snapshots()[0].workspaces))
    yield Ref("alpha", made)
    docker_api.call("alpha", "DELETE", f"/containers/{made}", query={"force": "1"})


class Verb:
    """One that is asked for on a thread of its own."""

    def __init__(self, call):
        self.error = None
        self._call = call
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            self._call()
        except GpuwsError as error:
            self.error = error

    def waits(self):
        self._thread.join(0.5)
        return self._thread.is_alive()

    def end(self):
        self._thread.join(60)
        assert not self._thread.is_alive()
        return self.error


def state(ref):
    """Its name and what the engine says of it; None where it is gone."""
    found = docker_api.call("alpha", "GET", f"/containers/{ref.id}/json")
    return found and {"Name": found["Name"], **found["State"]}


def told(ref):
    """The engine took it: the container has its TERM."""
    pid = str(state(ref)["Pid"])
    return faults.run("alpha", ["test", "-e", f"/proc/{pid}/root/tmp/told"], check=False).returncode == 0


@pytest.mark.soak
@pytest.mark.parametrize("action", ["stop", "restart"])
def test_what_the_engine_goes_on_with_is_done(fleet, stubborn, action):
    before = state(stubborn)
    verb = Verb(lambda: fleet.act(stubborn, action, grace=GRACE))
    until(lambda: told(stubborn))
    faults.drop_connections("alpha")
    assert verb.end() is None
    now = state(stubborn)
    assert now["Running"] is (action == "restart")
    assert (now["StartedAt"] != before["StartedAt"]) is (action == "restart")


@pytest.mark.parametrize("action", ["pause", "remove", pytest.param("rename", marks=pytest.mark.soak)])
def test_what_is_said_is_true_whether_the_engine_heard_it_or_not(fleet, stubborn, action):
    """The engine stands still while it is asked and the link is cut."""
    calls = {
        "rename": lambda: fleet.rename(stubborn, "renamed"),
        **{name: partial(fleet.act, stubborn, name, force=True) for name in ("pause", "remove")},
    }
    faults.run("alpha", ["pkill", "-STOP", "-x", "dockerd"])
    try:
        verb = Verb(calls[action])
        assert verb.waits()
        faults.drop_connections("alpha")
    finally:
        faults.run("alpha", ["pkill", "-CONT", "-x", "dockerd"])
    error, now = verb.end(), state(stubborn)
    if action == "remove":
        done = now is None
    elif action == "rename":
        done = now["Name"] == "/renamed"
    else:
        done = now["Paused"]
    assert (error is None) is done, (error, now)
    assert error is None or " was not " in str(error)


@pytest.mark.soak
def test_of_a_host_that_stays_away_nothing_is_guessed(fleet, stubborn, monkeypatch):
    monkeypatch.setattr(unanswered, "PATIENCE", 2.0)
    verb = Verb(lambda: fleet.act(stubborn, "stop", grace=GRACE))
    until(lambda: told(stubborn))
    faults.kill_sshd("alpha")
    try:
        error = verb.end()
    finally:
        faults.start_sshd("alpha")
    assert isinstance(error, Unanswered)
    assert "was stopped is not known — look once it is back: gpuws ps -a alpha" in str(error)
    assert error.exit_code == 3


@pytest.mark.soak
@pytest.mark.parametrize("done", [True, False])
def test_a_session_that_was_to_end(fleet, monkeypatch, done):
    """The link is cut behind the program that ends it, or before."""
    until(lambda: fleet.snapshots()[0].state is HostState.UP)
    name, here, bare = f"cut-{os.getpid()}", PlaceRef("alpha"), inside.kill_session

    def cut(place, session):
        if done:
            bare(place, session)
        faults.drop_connections("alpha")
        bare(place, session)  # over a link that is gone

    fleet.new_session(here, name, argv=["sleep", "600"])
    with monkeypatch.context() as patched:
        patched.setattr(inside, "kill_session", cut)
        error = Verb(lambda: fleet.kill_session(here, name)).end()
    there = fleet.run(here, ["tmux", "has-session", "-t", f"={name}"]).ok
    assert there is not done
    if done:
        assert error is None
    else:
        assert f"{name} was not ended: it still runs" in str(error)
        fleet.kill_session(here, name)


def cut(patched, module, name, *, done):
    """The link is lost behind that call, or before."""
    bare = getattr(module, name)

    def call(*args, **more):
        if done:
            bare(*args, **more)
        faults.drop_connections("alpha")
        return bare(*args, **more)  # over a link that is gone

    patched.setattr(module, name, call)


def kernels_of(fleet):
    assert fleet.read_notebooks("alpha")
    return {one.kernel for one in fleet.snapshots()[0].notebooks if one.container == f"stubborn-{os.getpid()}"}


def begin_kernel(fleet, place):
    tunnel = fleet.open_jupyter(place)
    parts = urlsplit(tunnel.url)
    asked = Request(f"http://{parts.netloc}/api/kernels?{parts.query}", data=b"{}")
    with urlopen(asked, timeout=30) as made:
        kernel = json.load(made)["id"]
    fleet.close_tunnel(tunnel.id)
    assert kernel in kernels_of(fleet)
    return kernel


@pytest.mark.soak
def test_a_jupyter_server_and_its_kernel(fleet, stubborn, monkeypatch):
    place = PlaceRef("alpha", stubborn.id)
    monkeypatch.setattr(managing, "STOPPING", 0.0)
    monkeypatch.setattr(kernels, "GOES_ON", dict.fromkeys(kernels.GOES_ON, 0.0))
    monkeypatch.setattr(unanswered, "SETTLE", 1.5)
    with monkeypatch.context() as patched:
        cut(patched, managing, "new_session", done=True)
        error = Verb(lambda: fleet.start_jupyter(place)).end()
    assert error is None
    assert len(fleet.notebook_servers(place)) == 1
    kernel = begin_kernel(fleet, place)
    for act, done, said in (
        ("restart", True, None),
        ("restart", False, "was not restarted: it runs as it did before"),
        ("interrupt", True, "was interrupted is not known: it is idle now"),
        ("shutdown", True, None),
    ):
        with monkeypatch.context() as patched:
            cut(patched, kernels, "ask", done=done)
            error = Verb(lambda act=act: fleet.act_on_kernel("alpha", kernel, act)).end()
        assert said in str(error) if said else error is None, (act, done, error)
        assert (kernel in kernels_of(fleet)) is not (act == "shutdown" and done)
    for done in (False, True):
        with monkeypatch.context() as patched:
            cut(patched, starting, "stop", done=done)
            error = Verb(lambda: fleet.stop_jupyter(place)).end()
        assert error is None if done else "was not ended: it still runs" in str(error)
        assert len(fleet.notebook_servers(place)) == 1 - done


def nameless_image():
    """One of nothing that no container uses; a commit would hold its container still, which this kernel may not get
    out of."""
    empty = io.BytesIO()
    tarfile.open(fileobj=empty, mode="w").close()
    empty.seek(0)
    before = images_there()
    docker_api.call("alpha", "POST", "/images/create", query={"fromSrc": "-"}, stream=empty)
    (made,) = images_there() - before
    return made


def images_there():
    return {image["Id"] for image in docker_api.call("alpha", "GET", "/images/json")}


@pytest.mark.soak
@pytest.mark.parametrize("done", [True, False])
def test_images_that_were_to_go(fleet, monkeypatch, done):
    ready(fleet)
    loose = nameless_image()
    with monkeypatch.context() as patched:
        cut(patched, part.store, "prune", done=done)
        error = Verb(lambda: fleet.prune_images("alpha")).end()
    assert (loose in {one.id for one in fleet.images("alpha")}) is not done
    if done:
        assert "that nothing used are gone, how much that freed is not known" in str(error)
    else:
        assert "pruning the images of alpha was not finished: it left" in str(error)
        assert fleet.prune_images("alpha") >= 0


@pytest.mark.soak
def test_the_shell_says_so_too(lab, fleet, stubborn, tmp_path):
    user = copied(tmp_path / "ada", lab.config_dir)
    try:
        user.ok("ps", "alpha")
        label = f"alpha/stubborn-{os.getpid()}"
        stop = user.popen("stop", "--yes", "-t", str(int(GRACE)), label)
        until(lambda: told(stubborn))
        faults.drop_connections("alpha")
        out, err = stop.communicate(timeout=60)
        assert (stop.returncode, out.split()) == (0, [label]), err
        assert not state(stubborn)["Running"]
    finally:
        user.stop_keeper()
