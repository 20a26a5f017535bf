"""attach, shell and exec in their simple forms: in a blink where a warm keeper knows all, else as ever."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from gpuws import __version__
from gpuws.cli.inside import quick as entering
from gpuws.config.paths import find_paths
from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.keeper.home import find_home, listen, prepare
from gpuws.keeper.server.entrance import entrance
from gpuws.keeper.wire.messages import Description, Enter, Failure, Unready, Welcome
from gpuws.keeper.wire.typed import keeper_wire
from gpuws.model.host.host import Host, HostState
from gpuws.model.session.session import Session
from gpuws.model.session.terminal import MyTerminal, Size
from gpuws.model.settings import ScreenSettings
from gpuws.model.workspace.workspace import PlaceRef
from gpuws.quick.endpoint import LONGEST, usual_socket
from gpuws.quick.framing import Broken
from gpuws.quick.greeting import PROTOCOL
from tests.keeper.serving import SOON, Serving, until
from tests.terminal import ScreenTerminal

COMMAND = str(Path(sys.executable).with_name("gpuws"))


def environment(directory: Path, **more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GPUWS_", "XDG_", "SSH_"))}
    own = {"HOME": str(directory), "XDG_RUNTIME_DIR": str(directory), "GPUWS_CONFIG_DIR": str(directory / "config")}
    return {**kept, **own, "TERM": "xterm-256color", **more}


@pytest.fixture
def warm(short_path):
    """A keeper of the demo's hosts, where the command looks for it."""
    home = find_home(find_paths(None, environment(short_path)))
    serving = Serving(short_path, DemoFleet(tick=0), home=home, notes=())
    yield serving
    serving.end()


def gpuws(directory: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *words], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
        env=environment(directory, **more), start_new_session=True,
    )  # fmt: skip


def went_the_long_way(serving: Serving) -> bool:
    """A client that looks subscribes; the quick road never does."""
    return serving.backend is not None and bool(serving.backend.connected)


@pytest.mark.parametrize(
    "words",
    [
        ("alpha", "nvidia-smi"),
        ("alpha/torch-dev", "--", "id"),
        ("alpha", "sh", "-c", "exit 3"),
        ("alpha/torch-dev", "nope"),
    ],
)
def test_a_program_as_without_a_keeper(warm, short_path, words):
    short = gpuws(short_path, "exec", *words)
    assert not went_the_long_way(warm)
    long = gpuws(short_path, "exec", *words, GPUWS_DEMO="1")
    assert (short.returncode, short.stdout, short.stderr) == (long.returncode, long.stdout, long.stderr)


def test_its_input(warm, short_path):
    done = subprocess.run(
        [COMMAND, "exec", "-i", "alpha", "cat"], input="word\n", capture_output=True, text=True, timeout=60,
        env=environment(short_path),
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "word\n")
    assert not went_the_long_way(warm)


@pytest.mark.parametrize(
    ("words", "shows", "leaves"),
    [
        (("attach", "alpha/torch-dev"), r"\[main\]", ("ctrl+b", "d")),
        (("shell", "alpha"), r"alice@alpha.*\$", ("ctrl+d",)),
        (("exec", "-it", "alpha", "bash"), r"alice@alpha.*\$", ("ctrl+d",)),
    ],
)
def test_a_terminal(warm, short_path, words, shows, leaves):
    with ScreenTerminal([COMMAND, *words], environment(short_path)) as screen:
        screen.wait_for(shows)
        screen.press(*leaves)
        assert screen.wait_exit(20) == 0
        assert (b"gpuws: ctrl-b d leaves" in screen.raw) == (words[0] == "attach")
    assert not went_the_long_way(warm)


def test_a_host_that_is_not_fresh_goes_the_long_way(warm, short_path):
    fleet = warm.fleet
    alpha = next(one for one in fleet.snapshots() if one.name == "alpha")
    fleet.snapshots = lambda: (replace(alpha, state=HostState.STALE),)
    assert gpuws(short_path, "exec", "alpha", "nvidia-smi").returncode == 0
    assert went_the_long_way(warm)


def test_words_that_need_more_go_the_long_way(warm, short_path):
    assert gpuws(short_path, "exec", "-u", "root", "alpha/torch-dev", "nope").returncode == 127
    assert went_the_long_way(warm)
    unknown = gpuws(short_path, "exec", "nowhere", "id")
    assert (unknown.returncode, unknown.stdout) == (255, "")
    assert "nowhere" in unknown.stderr


# what the keeper says of it


ALPHA, BRAVO = (replace(one, complete=frozenset({"containers"})) for one in DemoFleet(tick=0).snapshots()[:2])
HOSTS = Description((Host("alpha"), Host("bravo")), ScreenSettings())
BOX = next(one for one in ALPHA.workspaces if one.name == "torch-dev")


def found(
    word: str, *snapshots: object, verb: str = "attach", description: Description = HOSTS, asking: tuple[str, ...] = ()
) -> object:
    one = entrance(description, snapshots or (ALPHA, BRAVO), asking, verb, word)
    return one and (one.place, one.suffix)


def test_what_it_knows():
    inside = PlaceRef("alpha", BOX.id)
    assert found("alpha") == (PlaceRef("alpha"), None)
    assert found("bravo:train") == (PlaceRef("bravo"), "train")
    assert found("alpha/torch-dev") == found("torch-dev") == found("/torch-dev") == (inside, None)
    assert found("alpha/torch-dev:main") == (inside, "main")


def test_what_takes_the_long_way():
    stale, partial = replace(BRAVO, state=HostState.STALE), replace(BRAVO, complete=frozenset())
    broken = replace(ALPHA, engine=replace(ALPHA.engine, error="permission denied"))
    assert found("alpha", ALPHA, stale)
    for word in ("bravo", "torch-dev"):
        assert found(word, ALPHA, stale) is found(word, ALPHA) is found(word, asking=("bravo",)) is None
    assert found("torch-dev", ALPHA, partial) is None
    assert found("bravo", ALPHA, partial)
    assert found("alpha/torch-dev", broken) is None
    assert found("alpha", description=replace_notes("LocalForward is ignored")) is None
    for word in ("charlie", "charlie/torch-dev", "alpha/none", "none", "", "a:b/c"):
        assert found(word) is None


def test_a_session_that_is_not_listed_takes_the_long_way_which_asks():
    listed = replace(ALPHA, complete=ALPHA.complete | {"sessions"}, sessions=(Session("notes", mine=True),))
    assert found("alpha:notes", listed, BRAVO)
    assert found("alpha:nots", listed, BRAVO) is None
    assert found("alpha:nots", replace(listed, complete=frozenset({"containers"})), BRAVO)  # nobody has looked


@pytest.mark.parametrize("verb", ["attach", "shell", "exec"])
def test_what_is_not_mine_or_read_only_takes_the_long_way(verb):
    """There it is asked for, opened to look on only, or refused."""
    assert found("alpha/jup", verb=verb) is found("alpha/jup:main", verb=verb) is None
    assert found("alpha/torch-dev", verb=verb)
    looked_at = replace(ALPHA, readonly=True)
    assert found("alpha", looked_at, BRAVO, verb=verb) is found("alpha/torch-dev", looked_at, BRAVO, verb=verb) is None


def replace_notes(note: str) -> Description:
    return Description(HOSTS.hosts, HOSTS.look, (note,))


# what the command makes of its words and of answers


@pytest.fixture
def at_terminal(monkeypatch):
    monkeypatch.setattr(entering, "on_terminal", lambda: True)
    monkeypatch.setattr(entering, "window", lambda: (100, 30))


def asked(line: str) -> object:
    given = entering.simple_request(line.split())
    return given and (given["verb"], given["target"], *given["argv"], "size" in given)


def test_simple_words(at_terminal):
    assert asked("attach alpha") == ("attach", "alpha", True)
    assert asked("shell alpha/box") == ("shell", "alpha/box", True)
    assert asked("exec alpha ls --all -x") == ("exec", "alpha", "ls", "--all", "-x", False)
    assert asked("exec -i alpha -- cat --") == ("exec", "alpha", "cat", "--", False)
    for flags in ("-it", "-ti", "-t", "-i -t", "-t -i"):
        assert asked(f"exec {flags} alpha top") == ("exec", "alpha", "top", True)


@pytest.mark.parametrize(
    "line",
    ["attach", "attach -h", "attach --readonly alpha", "attach alpha --timeout 3", "attach a b", "shell", "exec",
     "exec alpha", "exec alpha --", "exec -u bob alpha id", "exec --tty alpha id", "exec -- alpha id", "exec -it"],
)  # fmt: skip
def test_words_with_more_to_them(at_terminal, line):
    assert asked(line) is None


def test_without_a_terminal_there_is_more_to_say(monkeypatch):
    monkeypatch.setattr(entering, "on_terminal", lambda: False)
    assert asked("attach alpha") is asked("exec -t alpha top") is None
    assert asked("exec alpha top")


@pytest.fixture
def says(short_path, monkeypatch):
    """A keeper that gives these answers to each connection, and what came to it."""
    for name, value in environment(short_path).items():
        monkeypatch.setenv(name, value)
    home = find_home(find_paths(None, os.environ))
    prepare(home)
    listener, came = listen(home), []

    def make(*answers: object) -> list[object]:
        def run() -> None:
            wire = keeper_wire(listener.accept()[0])
            try:
                for answer in answers:
                    came.append(wire.receive(SOON))
                    wire.send(answer)
                came.append(wire.receive(SOON))
            except Broken:
                pass
            wire.close()

        threading.Thread(target=run, daemon=True).start()
        return came

    yield make
    listener.close()


WELCOME = Welcome(PROTOCOL, __version__, 1)


def test_it_speaks_the_keepers_language(at_terminal, says):
    came = says(WELCOME, Unready())
    assert entering.entered(["shell", "alpha"]) is None
    assert came[0].version == __version__
    assert came[1] == Enter("shell", "alpha", (), Size(100, 30), "xterm-256color")


def test_it_says_what_this_terminal_shows(at_terminal, says, monkeypatch):
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("TMUX", raising=False)
    came = says(WELCOME, Unready())
    assert entering.entered(["attach", "alpha:notes"]) is None
    assert came[1].mine == MyTerminal(truecolor=True)


def test_a_dumb_terminal_is_told_the_long_way(at_terminal, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    assert asked("attach alpha") is None
    assert asked("shell alpha")


@pytest.mark.parametrize("first", [Welcome(PROTOCOL + 1, __version__, 1), Welcome(PROTOCOL, "0.0.0", 1), Unready()])
def test_another_keeper_is_left_to_the_long_way(says, first):
    says(first)
    assert entering.entered(["exec", "alpha", "id"]) is None


def test_none_at_all_is_left_to_the_long_way(says):
    assert entering.entered(["exec", "alpha", b"\xff".decode(errors="surrogateescape")]) is None
    assert entering.entered(["exec", "-u", "root", "alpha", "id"]) is None
    Path(usual_socket(os.environ)).unlink()
    assert entering.entered(["exec", "alpha", "id"]) is None


def test_a_failure_is_said_as_ever(says, capsys):
    says(WELCOME, Failure("Refused", "alpha is read-only", "drop it"))
    assert entering.entered(["exec", "alpha", "id"]) == 5
    assert capsys.readouterr().err == "gpuws: alpha is read-only — drop it\n"


def test_a_keeper_that_dies_of_it_is_not_asked_again(says, capsys):
    came = says(WELCOME)
    assert entering.entered(["exec", "alpha", "rm", "x"]) == 255
    assert "it may have been done" in capsys.readouterr().err
    until(lambda: len(came) == 2, "the request")


def test_the_keeper_declines_what_an_older_or_newer_program_asks(warm):
    wire = warm.greeted()  # version 0
    wire.send(Enter("exec", "alpha", ("id",)))
    assert wire.receive(SOON) == Unready()
    wire.close()


@pytest.mark.parametrize(
    "more",
    [
        {}, {"GPUWS_CONFIG_DIR": ""}, {"GPUWS_CONFIG_DIR": "", "XDG_CONFIG_HOME": "/x/y/"}, {"XDG_CONFIG_HOME": "rel"},
        {"GPUWS_CONFIG_DIR": "relative"}, {"GPUWS_CONFIG_DIR": "~/c"}, {"GPUWS_CONFIG_DIR": "/a//b"},
        {"GPUWS_CONFIG_DIR": "/a/./b"}, {"GPUWS_CONFIG_DIR": "/a/../b"}, {"GPUWS_CONFIG_DIR": "/a/"},
        {"XDG_RUNTIME_DIR": ""}, {"XDG_RUNTIME_DIR": "/proc"}, {"XDG_RUNTIME_DIR": "/nowhere"}, {"HOME": ""},
        {"GPUWS_CONFIG_DIR": "", "HOME": ""}, {"GPUWS_CONFIG_DIR": "", "HOME": "/h/"},
        {"XDG_RUNTIME_DIR": "", "TMPDIR": "/var/tmp/"}, {"XDG_RUNTIME_DIR": "", "TMPDIR": "", "TMP": "/var/tmp"},
    ],
)  # fmt: skip
def test_the_socket_is_where_the_long_way_looks(short_path, more):
    environ = environment(short_path, **more)
    assert usual_socket(environ) == str(find_home(find_paths(None, environ)).socket)


def test_the_usual_places_are_known(short_path):
    assert usual_socket(environment(short_path))
    assert usual_socket(environment(short_path, GPUWS_CONFIG_DIR=""))
    assert usual_socket(environment(short_path, GPUWS_CONFIG_DIR="", XDG_CONFIG_HOME="/x"))
    assert usual_socket(environment(short_path, XDG_RUNTIME_DIR="", TMPDIR=str(short_path)))
    deep = short_path / ("x" * 90)
    deep.mkdir()
    assert len(usual_socket(environment(short_path, XDG_RUNTIME_DIR=str(deep)))) <= LONGEST
