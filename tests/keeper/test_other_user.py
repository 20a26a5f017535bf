"""Another user of this workstation: can't connect, can't pose as the keeper, can't read a byte."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from gpuws.keeper.server.saved import save
from gpuws.keeper.wire.messages import Describe, Inquire
from gpuws.model.errors import UsageError
from gpuws.model.session.tunnel import TunnelPlan, TunnelTarget

NOBODY = 65534

pytestmark = [
    pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user"),
    pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not here"),
]

ATTEMPTS = """
import json, os, socket, sys
def attempt(work):
    try:
        return repr(work())
    except OSError as error:
        return type(error).__name__
def connect(path):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(path)
def bind(path):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(path)
def rename(path):
    os.rename("/tmp", path)
found = {}
for path in sys.argv[1:]:
    found[path] = {
        "connect": attempt(lambda: connect(path)),
        "read": attempt(lambda: open(path, "rb").read()),
        "append": attempt(lambda: open(path, "ab")),
        "remove": attempt(lambda: os.unlink(path)),
        "bind": attempt(lambda: bind(path)),
        "bind beside": attempt(lambda: bind(path + "x")),
        "link": attempt(lambda: os.symlink("/tmp/x", path + "y")),
        "list": attempt(lambda: os.listdir(os.path.dirname(path))),
        "signal": attempt(lambda: os.kill(PID, 0)),
        "memory": attempt(lambda: open(f"/proc/{PID}/environ", "rb").read()),
    }
print(json.dumps(found))
"""


def as_nobody(code, *words):
    done = subprocess.run(
        ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "/usr/bin/env", "python3", "-I", "-c",
         textwrap.dedent(code), *map(str, words)],
        capture_output=True, text=True, timeout=60, env={"PATH": "/usr/bin:/bin"}, cwd="/", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def open_home(user):
    """A home that everybody may look into, as many are: only the keeper's own care protects it."""
    user.home.chmod(0o755)
    for path in (user.home / "run", user.home / "state"):
        path.mkdir(exist_ok=True)
        path.chmod(0o755)
    return user


@pytest.fixture
def secrets(open_home):
    """What a keeper leaves around, all of it there."""
    pid = open_home.dialer().ask(Inquire()).pid
    open_home.dialer().ask(Describe())
    room = open_home.room
    save(room.tunnels, [TunnelPlan(TunnelTarget("alpha", None, 80), 20001)])
    paths = [room.socket, room.lock, room.tunnels, room.log]
    assert all(path.exists() for path in paths)
    return pid, paths


def test_nothing_of_a_keeper_can_be_reached(secrets, open_home):
    pid, paths = secrets
    found = json.loads(as_nobody(ATTEMPTS.replace("PID", str(pid)), *paths))
    assert len(found) == 4
    for path, results in found.items():
        assert set(results.values()) == {"PermissionError"}, (path, results)
    assert open_home.dialer().ask(Inquire()).pid == pid


def test_nothing_is_open_to_others_whatever_the_umask(secrets):
    _, paths = secrets
    for path in paths:
        assert path.stat().st_mode & 0o077 == 0, path
        assert path.parent.stat().st_mode & 0o077 == 0, path.parent


def test_a_descriptor_that_leads_to_the_socket_is_of_no_use(secrets):
    """Even where the directory is open, the keeper asks the kernel who is there."""
    _, (path, *_) = secrets
    path.parent.chmod(0o755)
    path.chmod(0o777)
    code = """
    import socket, sys
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(20)
    sock.connect(sys.argv[1])
    try:
        sock.sendall(b"\\0\\0\\0\\1x")
        print(sock.recv(100))
    except (BrokenPipeError, ConnectionResetError):
        print(b"")
    """
    assert as_nobody(code, path).strip() == "b''"


def test_a_room_that_somebody_else_made_first_is_refused(open_home, become, monkeypatch):
    """Without a runtime directory of the system the room lies where everybody may write."""
    shared = open_home.home / "tmp"
    shared.mkdir()
    shared.chmod(0o1777)
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setenv("TMPDIR", str(shared))
    code = """
    import os, socket, sys
    os.mkdir(sys.argv[1], 0o777)
    os.chmod(sys.argv[1], 0o777)
    """
    theirs = shared / f"gpuws-{os.getuid()}"
    as_nobody(code, theirs)
    assert theirs.stat().st_uid == NOBODY
    from gpuws.config.paths import find_paths
    from gpuws.keeper.client.dialer import Dialer
    from gpuws.keeper.home import find_home

    with pytest.raises(UsageError) as caught:
        Dialer(find_home(find_paths(None, os.environ)), person=False).open()
    assert str(theirs) in caught.value.message
    assert "XDG_RUNTIME_DIR" in caught.value.remedy
    assert list(theirs.iterdir()) == []


def test_the_lock_of_a_keeper_can_not_be_held_by_somebody_else(secrets):
    _, (_, lock, *_) = secrets
    code = """
    import fcntl, sys
    try:
        fcntl.flock(open(sys.argv[1]), fcntl.LOCK_EX | fcntl.LOCK_NB)
        print("held")
    except OSError as error:
        print(type(error).__name__)
    """
    assert as_nobody(code, lock).strip() == "PermissionError"
    assert Path(lock).exists()


def test_not_even_another_program_of_the_same_user_reads_its_memory():
    """As ordinary users are, without the right to trace everything: then `dumpable` decides (ptrace(2))."""
    ordinary = ["setpriv", "--bounding-set=-all", "/usr/bin/env"]
    code = "import gpuws.keeper.__main__ as keeper; {}print(flush=True); input()"

    def read(before):
        command = [*ordinary, sys.executable, "-c", code.format(before)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            reading = [*ordinary, "cat", f"/proc/{process.pid}/environ"]
            done = subprocess.run(reading, capture_output=True, timeout=60, check=False)
            process.communicate(b"\n", timeout=60)
        return done.returncode

    assert read("") == 0
    assert read("keeper.close_memory(); ") != 0
