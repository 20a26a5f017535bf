"""What is run on a host is written down: all of it, without secrets, in a file that is bounded and never waited for."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from gpuws.link import command_log
from gpuws.link.command_log import CommandLog
from gpuws.link.connect.connector import Connector
from gpuws.link.local.local import LocalLink
from gpuws.link.watched import asking, watched
from gpuws.model.errors import GpuwsError
from gpuws.model.host.ran import CLOSED, GONE, UNTOLD, Ran, from_line, joined, old_file
from gpuws.model.session.terminal import Size
from tests.link.conftest import host_of, nobody
from tests.link.sshd import ME, Keys, Server, serve
from tests.link.test_ssh import read_all

WRITTEN = 10.0  # seconds for the thread that writes


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "commands.log"


@pytest.fixture
def log(path: Path) -> CommandLog:
    return CommandLog(path)


def lines(path: Path) -> list[Ran]:
    return [ran for line in path.read_bytes().splitlines() if (ran := from_line(line)) is not None]


def told(log: CommandLog, path: Path) -> list[Ran]:
    """All that was noted."""
    log.close(WRITTEN)
    return joined(lines(path))


def note(log: CommandLog, what: str, host: str = "box", status: int = 0) -> None:
    log.note(Ran(time.time(), host, "ada", "command", "", status, 0.1), lambda: what)


def test_everything_over_a_link_is_written_down(server: Server, log: CommandLog, path: Path, tmp_path: Path):
    connector = Connector(log=log)
    link = connector.connect(host_of(server), nobody)
    assert link.run(["sh", "-c", "cat >/dev/null; exit 3"], input=b"typed secret").status == 3
    with closing(link.popen(["sh", "-c", "echo hello"])) as process:
        assert process.read() == b"hello\n"
        assert process.wait(5) == 0
    with closing(link.interactive(["sh", "-c", "exit 7"], Size(80, 24))) as terminal:
        read_all(terminal)
        assert terminal.exit_status() == 7
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        link.dial_tcp("127.0.0.1", port).close()
    with pytest.raises(GpuwsError):
        link.dial_unix(str(tmp_path / "none"))
    running = link.popen(["sleep", "60"])
    connector.close()
    running.close()

    found = told(log, path)
    assert [(ran.host, ran.user) for ran in found] == [("box", ME)] * 7
    login, script, hello, terminal_, tcp, unix, cut = found
    assert (login.means, login.what, login.error) == ("login", f"127.0.0.1:{server.port}", "")
    assert (script.means, script.what, script.status) == ("command", "sh -c 'cat >/dev/null; exit 3'", 3)
    assert (hello.what, hello.status, hello.begun) == ("sh -c 'echo hello'", 0, False)
    assert (terminal_.means, terminal_.status) == ("terminal", 7)
    assert (tcp.means, tcp.what, tcp.error) == ("forward", f"127.0.0.1:{port}", "")
    assert unix.what == str(tmp_path / "none")
    assert "can't be reached" in unix.error
    assert (cut.what, cut.status, cut.error) == ("sleep 60", None, GONE)
    assert "typed secret" not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_login_that_is_refused_is_written_down(keys: Keys, tmp_path: Path, log: CommandLog, path: Path):
    with serve(tmp_path / "sshd", keys) as server:
        server.write_config(f"IdentityFile {keys.other}", "IdentitiesOnly yes")
        (server.folder / "authorized_keys").write_text("")
        with closing(Connector(log=log)) as connector, pytest.raises(GpuwsError) as refused:
            connector.connect(host_of(server), nobody)
    (login,) = told(log, path)
    assert (login.means, login.host, login.user) == ("login", "box", ME)
    assert login.error == refused.value.message


def test_the_relay_s_program_is_written_down(server: Server, log: CommandLog, path: Path):
    with closing(Connector(log=log)) as connector, socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        connector.connect(host_of(server), nobody).relay.dial_tcp("127.0.0.1", port).close()
    _, relay, forward = sorted(told(log, path), key=lambda ran: ran.means == "forward")
    assert "gpuws-relay" in relay.what
    assert forward.what == f"127.0.0.1:{port} through the relay"


def test_what_is_asked_of_an_engine_is_written_down(log: CommandLog, path: Path, tmp_path: Path):
    link = watched(LocalLink(), log, "box", "ada")
    where = str(tmp_path / "socket")
    body = json.dumps({"Cmd": ["env", "TOKEN=geheim", "true"], "Env": ["A=geheim"]}).encode()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(where)
        listener.listen()
        with closing(link.dial_unix(where)) as stream:
            with asking(stream, "POST", "/v1.45/containers/" + "a" * 64 + "/exec?x=geheim", body) as outcome:
                outcome.status = 201
            with pytest.raises(ConnectionResetError), asking(stream, "GET", "/v1.45/info"):
                raise ConnectionResetError("gone")
    _, made, info = told(log, path)
    assert (made.means, made.what, made.status) == (
        "request", "POST /containers/aaaaaaaaaaaa/exec: env 'TOKEN=***' true", 201,
    )  # fmt: skip
    assert (info.what, info.status, info.error) == ("GET /info", None, "gone")
    assert "geheim" not in path.read_text()


def test_an_end_is_told_once_and_as_it_was(log: CommandLog, path: Path):
    link = watched(LocalLink(), log, "box", "ada")
    one = link.popen(["sleep", "60"])
    one.close()
    one.wait(5)
    with pytest.raises(GpuwsError):
        link.popen(["no-such-program-at-all"])
    running = log.of("box", "ada").begin("command", lambda: "lost")
    running.end(error=UNTOLD)
    running.end(0)
    ended = {ran.what: (ran.status, ran.error) for ran in told(log, path)}
    assert ended["sleep 60"] == (None, CLOSED)
    assert ended["lost"] == (None, UNTOLD)
    assert "there is no program" in ended["no-such-program-at-all"][1]


def test_what_runs_is_seen_before_it_ends(log: CommandLog, path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(command_log, "PAUSE", 0.0)
    running = log.of("box", "ada").begin("terminal", lambda: "top")
    deadline = time.monotonic() + WRITTEN
    while not (path.exists() and lines(path)):
        assert time.monotonic() < deadline
        time.sleep(0.01)  # nothing tells when a file is written
    assert [ran.begun for ran in lines(path)] == [True]
    running.end(0)
    (ran,) = told(log, path)
    assert (ran.what, ran.begun, ran.status) == ("top", False, 0)


def test_what_comes_again_and_again_is_counted(log: CommandLog, path: Path):
    for _ in range(500):
        note(log, "poll")
    note(log, "once")
    note(log, "poll", status=1)
    found = told(log, path)
    assert sorted((ran.what, ran.status, ran.times) for ran in found) == [
        ("once", 0, 1), ("poll", 0, 1), ("poll", 0, 1), ("poll", 0, 1), ("poll", 0, 497), ("poll", 1, 1),
    ]  # fmt: skip
    counted = max(found, key=lambda ran: ran.times)
    assert counted.until is not None
    assert counted.until >= counted.at


def test_counts_come_ever_more_seldom_and_not_for_what_comes_seldom():
    folding = command_log._Folding()
    ran = Ran(0.0, "box", "ada", "command", "poll", 0)
    day = [line for second in range(0, 86400, 10) for line in folding.folded([ran], float(second))]
    assert len(day) < 40
    assert sum(line.times for line in [*day, *folding.rest()]) == 8640
    rare = [line for hour in range(24) for line in folding.folded([ran], 1e6 + 3600.0 * hour)]
    assert [line.times for line in rare] == [1] * 24


def test_a_disk_that_takes_nothing_costs_lines_and_says_how_many(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(command_log, "PAUSE", 0.0)
    log = CommandLog(path)
    path.parent.write_text("in the way")
    note(log, "first")
    deadline = time.monotonic() + WRITTEN
    while log._lost < 1:
        assert time.monotonic() < deadline
        time.sleep(0.01)  # nothing tells when writing has failed
    path.parent.unlink()
    note(log, "second")
    lost, second = told(log, path)
    assert (lost.means, lost.times, second.what) == ("lost", 1, "second")


def test_a_file_that_hangs_holds_nobody_up(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(command_log, "WAITING", 100)
    log, hangs = CommandLog(path), threading.Event()
    monkeypatch.setattr(command_log._File, "append", lambda *_: hangs.wait(WRITTEN))
    began = time.monotonic()
    for number in range(5000):
        note(log, f"{number}")
    log.close()
    assert time.monotonic() - began < 3
    assert log._lost == 4900
    hangs.set()


@pytest.mark.parametrize("kind", ["link", "pipe", "directory"])
def test_what_is_no_file_of_mine_is_left_alone(kind: str, log: CommandLog, path: Path, tmp_path: Path):
    path.parent.mkdir()
    target = tmp_path / "target"
    target.write_text("")
    {"link": lambda: path.symlink_to(target), "pipe": lambda: os.mkfifo(path), "directory": path.mkdir}[kind]()
    note(log, "nothing")
    log.close(WRITTEN)
    assert target.read_text() == ""
    assert log._lost == 1


def test_a_torn_line_spoils_no_other(log: CommandLog, path: Path):
    path.parent.mkdir()
    path.write_text('{"at": 1, "host": "bo')
    path.chmod(0o644)
    note(log, "whole")
    assert [ran.what for ran in told(log, path)] == ["whole"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_is_set_aside_once_it_is_long_or_old(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(command_log, "LARGEST", 2000)
    file = command_log._File(path)
    for number in range(100):
        file.append(f'{{"at":{time.time()},"host":"box","user":"","means":"command","what":"{number}"}}\n')
    assert max(path.stat().st_size, old_file(path).stat().st_size) <= 2000
    assert [int(ran.what) for ran in [*lines(old_file(path)), *lines(path)]][-1] == 99

    monkeypatch.setattr(command_log, "LARGEST", 1 << 20)
    path.write_text('{"at":1000,"host":"box","user":"","means":"command","what":"old"}\n')
    os.utime(path, (1000, 1000))
    command_log._File(path).append('{"at":2e9,"host":"box","user":"","means":"command","what":"new"}\n')
    assert [ran.what for ran in lines(path)] == ["new"]
    assert not old_file(path).exists()  # nothing in it was of the last month


WRITER = """
import sys, time
from pathlib import Path
from gpuws.link import command_log
command_log.LARGEST = 20000
file = command_log._File(Path(sys.argv[1]))
line = '{"at":%f,"host":"box","user":"","means":"command","what":"%s-%d"}\\n'
for number in range(400):
    file.append(line % (time.time(), sys.argv[2], number))
"""


def test_several_programs_write_whole_lines_and_set_it_aside_once(path: Path):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(name)]) for name in range(3)]
    assert [one.wait(60) for one in writers] == [0, 0, 0]
    data = old_file(path).read_bytes() + path.read_bytes()
    whole = [from_line(line) for line in data.splitlines() if line]
    assert None not in whole
    assert old_file(path).stat().st_size > 10000  # never a file that another one had just begun
    newest = max(int(ran.what.partition("-")[2]) for ran in whole if ran is not None)
    assert newest == 399


def test_switched_off_it_writes_nothing(log: CommandLog, path: Path):
    log.on = False
    note(log, "nothing")
    log.close(WRITTEN)
    assert not path.exists()
