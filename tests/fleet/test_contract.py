"""What the Fleet protocol promises, on real hosts: kept by the fleet in this program and by one behind a keeper."""

import contextlib
import os
import shutil
import socket
import tempfile
import threading
import time
from pathlib import Path

import pytest

from gpuws.config.load import load_configuration
from gpuws.config.paths import find_paths
from gpuws.fleet.events import HostUpdated, TunnelsChanged
from gpuws.fleet.local.assembly import assemble
from gpuws.model.errors import Cancelled, GpuwsError, Refused, TargetError
from gpuws.model.host.host import HostState
from gpuws.model.placement.plan import Want
from gpuws.model.session.terminal import Size
from gpuws.model.session.tunnel import TunnelTarget
from gpuws.model.timeline import Subject
from gpuws.model.workspace.logs import LogWindow
from gpuws.model.workspace.workspace import PlaceRef, Ref
from tests.keeper.process import new_user

pytestmark = pytest.mark.lab
HOSTS = ("alpha", "bravo", "charlie")
SOON = 30.0  # seconds on a busy machine
PROFILE = """\
image: gpuws-lab/workspace:latest
pull_policy: never
gpus: none
mem_limit: 512m
tmux: {session: main}
"""
SERVER = """
import socket
server = socket.create_server(("0.0.0.0", 7077))
print("listening", flush=True)
while True:
    client, _ = server.accept()
    while data := client.recv(65536):
        client.sendall(data)
    client.close()
"""


class Watched:
    """A fleet, and a way to wait for what it says."""

    def __init__(self, fleet):
        self.fleet = fleet
        self.told = []
        self._changed = threading.Condition()
        self.stop = fleet.subscribe(self._take)

    def _take(self, event):
        with self._changed:
            self.told.append(event)
            self._changed.notify_all()

    def wait(self, rule, seconds=SOON):
        found = None

        def holds():
            nonlocal found
            found = rule()
            return found

        with self._changed:
            assert self._changed.wait_for(holds, seconds), self.fleet.snapshots()
        return found

    def host(self, name):
        return next(s for s in self.fleet.snapshots() if s.name == name)

    def container(self, name, host="alpha"):
        return next((c for c in self.host(host).workspaces if c.name == name), None)


@contextlib.contextmanager
def a_user(lab):
    """A new user of the lab, for whom this program acts."""
    home = Path(tempfile.mkdtemp(prefix="k", dir="/tmp"))
    user = new_user(home, (lab.config_dir / "hosts.yaml").read_text(), "me: [ada]\n")
    (user.config / "profiles").mkdir()
    (user.config / "profiles" / "small.yaml").write_text(PROFILE)
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            patch.delenv(name)
        for name, value in user.env.items():
            patch.setenv(name, value)
        try:
            yield user
        finally:
            user.readonly = False
            user.end()
            shutil.rmtree(home)


def local(user, names=None, *, readonly=False):
    paths = find_paths(None, user.env)
    return assemble(load_configuration(paths, user.env, readonly=readonly), paths, names, user.env)


def kept(user, names=None, *, readonly=False):
    user.readonly = readonly
    return user.fleet(names, person=True)


@pytest.fixture(scope="module", params=[local, kept], ids=["in the program", "behind a keeper"])
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def user(lab, kind):
    with a_user(lab) as user:
        yield user


@pytest.fixture(scope="module")
def watched(user, kind):
    fleet = kind(user)
    watched = Watched(fleet)
    fleet.start()
    for name in HOSTS:
        watched.wait(lambda name=name: any(s.name == name and complete(s) for s in fleet.snapshots()))
    yield watched
    fleet.close()


@pytest.fixture
def fleet(watched):
    return watched.fleet


@pytest.fixture(scope="module")
def box(watched, kind):
    """A container of this module's own on alpha."""
    name = f"contract-{kind.__name__}-{os.getpid()}"
    fleet = watched.fleet
    stages = []
    ref = fleet.launch(fleet.plan("alpha", "small", Want(name=name)), stages.append, threading.Event()).ref
    assert stages
    found = watched.wait(lambda: watched.container(name))
    assert found.ref == ref
    yield found
    fleet.act(ref, "remove", force=True)
    watched.wait(lambda: watched.container(name) is None)


def complete(snapshot):
    needs = {"telemetry", "sessions"} if snapshot.name == "charlie" else {"telemetry", "containers", "sessions"}
    return snapshot.state is HostState.UP and not snapshot.phase and snapshot.complete >= needs


def read_until(read, wanted, seconds=SOON):
    """What a stream said until it said `wanted`."""
    deadline, said = time.monotonic() + seconds, b""
    while wanted not in said:
        assert time.monotonic() < deadline, said
        data = read()
        assert data, f"it ended: {said!r}"
        said += data
    return said


def eventually(work):
    """Once `work` raises nothing: what it needs comes without a word."""
    deadline = time.monotonic() + SOON
    while True:
        try:
            return work()
        except GpuwsError:
            assert time.monotonic() < deadline
        time.sleep(0.1)


# what is


def test_every_host_is_shown_in_order_and_complete(watched):
    assert [s.name for s in watched.fleet.snapshots()] == list(HOSTS)
    alpha, bravo, charlie = (watched.host(name) for name in HOSTS)
    assert (len(alpha.gpus), len(bravo.gpus), charlie.gpus) == (4, 8, ())
    assert watched.container("torch-dev").mine
    assert {s.name for s in charlie.sessions} >= {"main", "notes"}
    assert alpha.facts.login == "alice"


def test_values_go_on_coming(watched):
    before = watched.host("alpha").updated_at
    watched.wait(lambda: watched.host("alpha").updated_at > before)


def test_listeners_hear_until_they_stop(watched):
    heard = threading.Event()
    stop = watched.fleet.subscribe(lambda event: heard.set() if isinstance(event, HostUpdated) else None)
    assert heard.wait(SOON)
    stop()
    heard.clear()
    before = watched.host("alpha").updated_at
    watched.wait(lambda: watched.host("alpha").updated_at > before)
    assert not heard.is_set()


def test_what_is_watched_shows_more(watched):
    fleet = watched.fleet
    fleet.watch("alpha")
    watched.wait(lambda: any(gpu.detail is not None for gpu in watched.host("alpha").gpus))
    fleet.watch(None)


def test_history_grows(watched):
    watched.wait(lambda: watched.fleet.history("alpha", Subject(), "5m").of("load").peak is not None)
    for gpu in watched.host("alpha").gpus:
        assert watched.fleet.history("alpha", Subject(gpu.uuid), "5m").of("memory").peak is not None
    assert watched.fleet.history("alpha", Subject("GPU-none"), "5m").series is None


def test_reconnecting_makes_a_new_link(watched):
    before = watched.host("charlie").generation
    watched.fleet.reconnect("charlie")
    watched.wait(lambda: watched.host("charlie").generation > before and complete(watched.host("charlie")))


def test_nothing_is_asked_where_keys_do(fleet):
    assert fleet.questions() == ()
    fleet.answer("q4711", None)


# workspaces


def test_profiles_and_plans(fleet):
    assert "small" in {one.name for one in fleet.profiles()}
    plan = fleet.plan("alpha", "small", Want(name="never"))
    assert plan.command.startswith("docker run -d --name never")
    assert not plan.problems


def test_a_life_of_stops_and_starts(watched, box):
    fleet = watched.fleet
    fleet.act(box.ref, "stop", grace=0.1)
    watched.wait(lambda: not watched.container(box.name).enterable)
    fleet.act(box.ref, "start")
    watched.wait(lambda: watched.container(box.name).enterable)
    fleet.act(box.ref, "restart", grace=0.1)
    assert fleet.inspect(box.ref)["State"]["Running"] is True


def test_inspect_and_logs(fleet, box):
    assert fleet.inspect(box.ref)["Name"] == f"/{box.name}"
    stream = fleet.logs(box.ref, LogWindow(tail=1))
    while stream.recv():
        pass
    stream.close()


def test_following_a_log_ends_when_it_is_closed(fleet, watched):
    stream = fleet.logs(watched.container("torch-dev").ref, LogWindow(tail=1, follow=True))
    freed = threading.Event()

    def read():
        with contextlib.suppress(GpuwsError):
            while stream.recv():
                pass
        freed.set()

    threading.Thread(target=read, daemon=True).start()
    stream.close()
    assert freed.wait(SOON)


def test_a_cancelled_launch_leaves_nothing(watched):
    fleet = watched.fleet
    name = f"cancelled-{os.getpid()}"
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        fleet.launch(fleet.plan("alpha", "small", Want(name=name)), lambda _: None, cancel)
    with pytest.raises(GpuwsError, match="gone"):
        fleet.inspect(Ref("alpha", name))


def test_images_and_captures(fleet, box):
    assert "gpuws-lab/workspace:latest" in {name for one in fleet.images("alpha") for name in one.names}
    assert "gpuws-lab/workspace" in fleet.capture(box.ref)
    assert isinstance(fleet.drift(box.ref), tuple)
    assert fleet.plan_clone(box.ref, "bravo", Want(name="never")).host == "bravo"


# inside


@pytest.mark.parametrize("where", ["host", "container"])
def test_programs_run_and_return_their_status(fleet, box, where):
    place = PlaceRef("alpha") if where == "host" else box.place
    done = fleet.run(place, ["sh", "-c", "echo out; echo err >&2; exit 7"])
    assert (done.status, done.stdout, done.stderr) == (7, b"out\n", b"err\n")


@pytest.mark.parametrize("where", ["host", "container"])
def test_a_programs_streams_carry_every_byte(fleet, box, where):
    place = PlaceRef("alpha") if where == "host" else box.place
    process = fleet.popen(place, ["sh", "-c", 'cat; echo "$K $PWD" >&2; exit 3'], cwd="/tmp", env=["K=a b"])
    sent, got = os.urandom(1 << 20), b""

    def write():
        process.write(sent)
        process.close_stdin()

    writer = threading.Thread(target=write)
    writer.start()
    while data := process.read():
        got += data
    writer.join(SOON)
    assert got == sent
    said = b""
    while data := process.read_stderr():
        said += data
    assert said == b"a b /tmp\n"
    assert process.wait(SOON) == 3
    process.close()


def test_closing_a_program_ends_it(fleet, box):
    mark = f"4711.{time.time_ns()}"
    process = fleet.popen(box.place, ["sh", "-c", f"echo up; exec sleep {mark}"])
    read_until(process.read, b"up")
    process.close()
    deadline = time.monotonic() + SOON
    while fleet.run(box.place, ["pgrep", "-f", f"sleep {mark}$"]).ok:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_login_shell_and_its_status(fleet):
    terminal = fleet.interactive(PlaceRef("alpha"), (), Size(80, 24))
    terminal.sendall(b"echo $((6*7))-there; stty size\r")
    assert b"24 80" in read_until(terminal.recv, b"24 80")
    terminal.resize(Size(100, 30))
    terminal.sendall(b"until stty size | grep -q '^30 100$'; do sleep 0.1; done; echo $((40+2))-sized; exit 5\r")
    read_until(terminal.recv, b"42-sized")
    while terminal.recv():
        pass
    assert terminal.exit_status() == 5
    terminal.close()


def test_attach_enters_a_session_and_closing_leaves_it(watched, box):
    fleet = watched.fleet
    terminal = fleet.attach(box.place, "main", Size(80, 24))
    terminal.sendall(b"echo $((6*7))-inside\r")
    read_until(terminal.recv, b"42-inside")
    terminal.close()
    terminal = fleet.attach(box.place, "main", Size(80, 24))
    assert b"42-inside" in read_until(terminal.recv, b"42-inside")
    assert "42-inside" in fleet.preview(box.place, "main", colours=False).lines
    terminal.sendall(b"\x02d")
    while terminal.recv():
        pass
    assert terminal.exit_status() == 0
    terminal.close()


def test_closing_a_terminal_frees_its_reader(fleet):
    terminal = fleet.interactive(PlaceRef("alpha"), ("sleep", "60"), Size())
    ended = threading.Event()

    def read():
        while terminal.recv():
            pass
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    terminal.close()
    assert ended.wait(SOON)
    assert terminal.recv() == b""


def test_sessions_are_made_and_ended(watched, kind):
    fleet, name = watched.fleet, f"contract-{kind.__name__}-{os.getpid()}"
    place = PlaceRef("charlie")
    fleet.new_session(place, name)
    watched.wait(lambda: name in {s.name for s in watched.host("charlie").sessions})
    watched.wait(
        lambda: "idle" in {s.state and s.state.kind for s in watched.host("charlie").sessions if s.name == name}
    )
    with pytest.raises(GpuwsError):
        fleet.new_session(place, name)
    fleet.kill_session(place, name)
    watched.wait(lambda: name not in {s.name for s in watched.host("charlie").sessions})
    with pytest.raises(GpuwsError):
        fleet.kill_session(place, name)


# tunnels


@pytest.fixture
def server(fleet, box):
    """An echo in the container."""
    process = fleet.popen(box.place, ["python3", "-c", SERVER])
    read_until(process.read, b"listening")
    yield 7077
    process.close()


def echoed(port, data):
    with socket.create_connection(("127.0.0.1", port), SOON) as sock:
        sock.settimeout(SOON)
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        got = b""
        while part := sock.recv(65536):
            got += part
        return got


def port_of(box, number):
    return TunnelTarget("alpha", box.name, number)


def test_bytes_go_through_a_tunnel_until_it_is_closed(watched, box, server):
    fleet = watched.fleet
    tunnel = fleet.open_tunnel(port_of(box, server))
    assert (tunnel.state, tunnel.target.text) == ("listening", f"alpha/{box.name}:7077")
    assert fleet.open_tunnel(port_of(box, server)).local_port == tunnel.local_port
    data = os.urandom(300_000)
    assert echoed(tunnel.local_port, data) == data
    watched.wait(lambda: [t for t in fleet.tunnels() if t.id == tunnel.id and t.bytes_in == len(data)])
    assert any(isinstance(event, TunnelsChanged) for event in watched.told)
    fleet.close_tunnel(tunnel.id)
    watched.wait(lambda: not fleet.tunnels())
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", tunnel.local_port), SOON)
    with pytest.raises(TargetError):
        fleet.close_tunnel(tunnel.id)


def test_a_tunnel_keeps_its_port_while_the_link_is_away(watched, box):
    fleet = watched.fleet
    tunnel = fleet.open_tunnel(port_of(box, 7078), keep=False)
    before = watched.host("alpha").generation
    fleet.reconnect("alpha")
    watched.wait(lambda: watched.host("alpha").generation > before and complete(watched.host("alpha")))
    watched.wait(lambda: [t.state for t in fleet.tunnels()] == ["listening"])
    assert fleet.tunnels()[0].local_port == tunnel.local_port
    fleet.close_tunnel(tunnel.id)
    eventually(lambda: fleet.images("alpha"))


def test_a_local_port_that_is_taken_is_refused(fleet, box):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(GpuwsError, match="in use"):
        fleet.open_tunnel(port_of(box, 7077), taken.getsockname()[1])


# what goes wrong


def test_what_nobody_knows_is_a_target_error(fleet):
    nowhere = PlaceRef("nowhere")
    for attempt in (
        lambda: fleet.plan("nowhere", "small", Want()),
        lambda: fleet.history("nowhere", Subject(), "5m"),
        lambda: fleet.images("nowhere"),
        lambda: fleet.run(nowhere, ["true"]),
        lambda: fleet.popen(nowhere, ["true"]),
        lambda: fleet.interactive(nowhere, (), Size()),
        lambda: fleet.attach(nowhere, None, Size()),
        lambda: fleet.preview(nowhere, None),
        lambda: fleet.open_tunnel(TunnelTarget("nowhere", None, 80)),
        lambda: fleet.logs(Ref("nowhere", "c"), LogWindow()),
        lambda: fleet.signal("nowhere", 1, "TERM"),
    ):
        with pytest.raises(TargetError, match="no host 'nowhere'") as caught:
            attempt()
        assert "alpha" in caught.value.remedy


def test_a_container_nobody_knows(fleet):
    gone = Ref("alpha", "0" * 64)
    for attempt in (
        lambda: fleet.inspect(gone),
        lambda: fleet.act(gone, "stop"),
        lambda: fleet.run(PlaceRef("alpha", gone.id), ["true"]),
        lambda: fleet.attach(PlaceRef("alpha", gone.id), None, Size()),
    ):
        with pytest.raises(GpuwsError) as caught:
            attempt()
        assert "gone" in caught.value.message
        assert "alpha" in caught.value.message


def test_a_host_without_an_engine(fleet):
    with pytest.raises(GpuwsError) as caught:
        fleet.plan("charlie", "small", Want())
    assert type(caught.value).__name__ == "EngineMissing"


def test_a_readonly_fleet_shows_and_refuses(user, kind):
    fleet = kind(user, ("alpha",), readonly=True)
    watched = Watched(fleet)
    fleet.start()
    try:
        watched.wait(lambda: any(s.complete >= {"telemetry", "containers"} for s in fleet.snapshots()))
        assert [s.name for s in fleet.snapshots()] == ["alpha"]
        torch = watched.container("torch-dev")
        for attempt in (
            lambda: fleet.act(torch.ref, "stop"),
            lambda: fleet.run(torch.place, ["true"]),
            lambda: fleet.popen(PlaceRef("alpha"), ["true"]),
            lambda: fleet.new_session(PlaceRef("alpha"), "x"),
            lambda: fleet.open_tunnel(TunnelTarget("alpha", None, 80)),
        ):
            with pytest.raises(Refused, match="read-only"):
                attempt()
        stream = fleet.logs(torch.ref, LogWindow(tail=1))
        stream.close()
    finally:
        fleet.close()
        if kind is kept:
            user.dialer().retire(forget=True)
        user.readonly = False
