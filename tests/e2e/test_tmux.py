"""tmux's depth: the same words and answers on hosts, and in containers on both engines, with tmux 3.3a and 3.5a.

The lab's image has 3.3a. A container of bravo that has the host's own /usr has 3.5a."""

import os
import threading
import time
from contextlib import contextmanager

import pytest

from gpuws.config.load import load_configuration
from gpuws.config.paths import find_paths
from gpuws.fleet.local.assembly import assemble
from gpuws.model.errors import TargetError
from gpuws.model.host.completeness import final
from gpuws.model.session.terminal import Size
from gpuws.model.workspace.workspace import PlaceRef
from tests.e2e.gpuws import Gpuws, configured

pytestmark = pytest.mark.lab
IMAGE = "image: gpuws-lab/workspace:latest\npull_policy: never\nmem_limit: 256m\ncommand: [sleep, infinity]\n"
PROFILES = {"alpha": ("older", IMAGE), "bravo": ("newer", f"{IMAGE}init: false\nvolumes: ['/usr:/usr:ro']\n")}
VERSIONS = {"alpha": b"tmux 3.3a\n", "bravo": b"tmux 3.5a\n"}
NAME = f"t{os.getpid()}"
FIRST = "new-session -d -n first -s main sleep 600 ; split-window -d -t main"
ENDS = f"tmux wait-for {NAME}; exit 7"
MORE = f"{FIRST} ; new-window -d -n logs -t main tail -f /dev/null"


@pytest.fixture(scope="module")
def alice(lab, tmp_path_factory) -> Gpuws:
    text = f"hosts: {{alpha: {{}}, bravo: {{}}}}\nlocal: false\nssh_config: {lab.ssh_config}\n"
    return configured(tmp_path_factory.mktemp("a"), text, tuple(PROFILES.values()))


@contextmanager
def shown(fleet):
    """Waits for a rule of what the fleet shows."""
    changed = threading.Condition()

    def tell(_):
        with changed:
            changed.notify_all()

    def until(rule):
        with changed:
            assert changed.wait_for(rule, 30), fleet.snapshots()

    stop = fleet.subscribe(tell)
    try:
        yield until
    finally:
        stop()


@pytest.fixture(scope="module")
def fleet(alice):
    paths = find_paths(None, alice.env)
    fleet = assemble(load_configuration(paths, alice.env), paths, None, alice.env)
    try:
        with shown(fleet) as until:
            fleet.start()
            needs = frozenset({"containers", "sessions"})
            until(lambda: all(at.state.reached and final(at, needs) for at in fleet.snapshots()))
        yield fleet
    finally:
        fleet.close()


PLACES = {f"{host}{said}": f"{host}{inside}" for host in VERSIONS for said, inside in (("", ""), ("/made", f"/{NAME}"))}


@pytest.fixture(scope="module", params=PLACES.values(), ids=list(PLACES))  # an id is the same in all processes
def place(request, fleet, alice):
    """A host, or a container that was made with a session of its own."""
    host, _, container = request.param.partition("/")
    if not container:
        yield PlaceRef(host)
        return
    try:
        made = alice.ok("tmux", "new", f"{request.param}:work", "--profile", PROFILES[host][0])
        assert made == f"{request.param}\n"
        with shown(fleet) as until:
            until(lambda: any(one.name == container and one.state == "running" for one in at(fleet, host).workspaces))
        yield next(one.place for one in at(fleet, host).workspaces if one.name == container)
    finally:
        alice.run("rm", "-f", "--yes", request.param)


def at(fleet, host):
    return next(one for one in fleet.snapshots() if one.name == host)


def told(fleet, place):
    """Its sessions, asked for now."""
    assert fleet.read_sessions(place.host)
    names = {one.id: one.name for one in at(fleet, place.host).workspaces}
    inside = names[place.workspace] if place.workspace else None
    return {one.name: one for one in at(fleet, place.host).sessions if one.container == inside}


def begun(sessions):
    """One has ended, and the other runs what it was made with."""
    return sessions[NAME].pane.status is not None and sessions[f"{NAME}/main"].command == "sleep"


def test_sessions_are_made_told_looked_at_entered_renamed_left_and_ended(fleet, place):
    assert fleet.run(place, ("tmux", "-V")).stdout == VERSIONS[place.host]
    fleet.new_session(place, NAME, directory="/tmp", argv=("sh", "-c", f"printf 'first\\nsaid\\n\\a'; {ENDS}"))
    fleet.run(place, ("tmux", "wait-for", "-S", NAME))
    assert fleet.run(place, ("tmux", "-L", NAME, "-f", "/dev/null", *MORE.split())).ok
    try:
        sessions, until = told(fleet, place), time.monotonic() + 3
        while not begun(sessions) and time.monotonic() < until:  # tmux tells both a moment later
            fleet.run(place, ("tmux", "run-shell", "true"))  # or with its next child's end: tests.tmux.driving.all_told
            sessions = told(fleet, place)
        assert place.workspace is None or "work" in sessions
        made, other = sessions[NAME], sessions[f"{NAME}/main"]
        assert (made.pane.ended, made.pane.status, made.bell, made.clients) == (True, 7, True, ())
        assert (made.state.kind, made.state.status) == ("ended", 7)
        assert (other.command, other.socket.rpartition("/")[2], other.activity is not None) == ("sleep", NAME, True)
        assert [(one.name, len(one.panes), one.active) for one in other.layout] == [
            ("first", 2, True),
            ("logs", 1, False),
        ]
        assert "said" in fleet.preview(place, NAME, colours=False).lines
        terminal = fleet.attach(place, f"{NAME}/main", Size(90, 30))
        seen = b""
        while b"d leaves" not in seen:
            seen += terminal.recv()
        [client] = told(fleet, place)[f"{NAME}/main"].clients
        assert (client.columns, client.rows, client.readonly) == (90, 30, False)
        fleet.detach_clients(place, f"{NAME}/main")
        while terminal.recv():
            pass
        assert terminal.exit_status() == 0
        terminal.close()
        fleet.rename_session(place, NAME, f"{NAME}x")
        assert {f"{NAME}x", f"{NAME}/main"} <= told(fleet, place).keys()
    finally:
        for name in {f"{NAME}x", NAME, f"{NAME}/main"} & told(fleet, place).keys():
            fleet.kill_session(place, name)
    assert not [name for name in told(fleet, place) if name.startswith(NAME)]
    with pytest.raises(TargetError):
        fleet.kill_session(place, NAME)


def test_the_shell_chooses_among_them_by_letters_and_sees_what_they_show(alice, fleet):
    place = PlaceRef("bravo")
    fleet.new_session(place, f"{NAME}-pick", argv=("echo $((6*7))-shown; exec cat",))
    try:
        with alice.terminal("attach") as tty:
            tty.wait_for("Attach")
            tty.send(f"{NAME}-pick")
            tty.wait_for("42-shown")
            tty.press("enter")
            tty.wait_for("d leaves ·")  # as tmux says it, not as it is said before
            tty.press("ctrl+b", "d")
            assert tty.wait_exit() == 0
    finally:
        fleet.kill_session(place, f"{NAME}-pick")
