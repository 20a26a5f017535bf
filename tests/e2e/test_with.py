"""A real docker program on a host's engine through `gpuws with`, with the keeper and without."""

import os
import shutil
import signal
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.e2e.gpuws import COMMAND, copied, users
from tests.keeper.process import User

pytestmark = [pytest.mark.lab, pytest.mark.skipif(not shutil.which("docker"), reason="there is no docker program here")]
BIG = 8 << 20


@pytest.fixture
def gpuws(lab):
    """With a runtime directory whose name is short enough for sockets."""
    home = Path(tempfile.mkdtemp(prefix="w", dir="/tmp"))
    yield copied(home, lab.config_dir)
    users.pop().stop_keeper()
    shutil.rmtree(home)


@pytest.fixture(params=["keeper", "alone"])
def ada(request, gpuws):
    return gpuws if request.param == "keeper" else gpuws.alone


def files(user):
    """The sockets of `gpuws with` that lie there."""
    return sorted(Path(user.env["XDG_RUNTIME_DIR"]).glob("gpuws/with-*.sock"))


def started(user, host, *words):
    """A program under `gpuws with` that says a line when it runs."""
    process = subprocess.Popen([COMMAND, "with", host, "--", *words], env=user.env, text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    return process, process.stdout.readline().strip()


def test_listing_and_input_of_many_connections_at_once(ada):
    assert "torch-dev" in ada.ok("with", "alpha", "--", "docker", "ps", "--format", "{{.Names}}").split()
    assert "eval" in ada.ok("with", "bravo", "docker", "ps", "--format", "{{.Names}}").split()
    script = (
        f'head -c {BIG} /dev/zero > "$1"; for i in 1 2 3 4; do docker exec -i torch-dev md5sum < "$1" & done; wait; '
        'md5sum < "$1"'
    )
    sums = ada.ok("with", "alpha", "--", "sh", "-c", script, "sh", str(ada.home / "big")).splitlines()
    assert len(sums) == 5
    assert len(set(sums)) == 1
    assert files(ada) == []


def test_what_is_not_an_engine(ada):
    for host, sentence in (("charlie", "gpuws: charlie has no Docker\n"), ("nobody", "no host 'nobody'")):
        done = ada.run("with", host, "--", "touch", str(ada.home / "never"))
        assert done.returncode == 255
        assert sentence in done.stderr
    done = ada.run("--readonly", "with", "alpha", "--", "touch", str(ada.home / "never"))
    assert done.returncode == 5
    assert "alpha is read-only" in done.stderr
    assert not (ada.home / "never").exists()


def test_a_followed_log_is_cut_by_ctrl_c(ada):
    with ada.terminal("with", "alpha", "--", "docker", "logs", "-f", "bert") as terminal:
        terminal.wait_for("loss")
        assert files(ada)
        terminal.send("\x03")
        assert terminal.wait_exit(20) == 130
        assert "Traceback" not in terminal.text
    assert files(ada) == []


def test_the_socket_is_private_and_goes_with_a_terminated_program(ada):
    process, docker_host = started(ada, "alpha", "sh", "-c", "echo $DOCKER_HOST; exec sleep 600")
    (path,) = files(ada)
    assert docker_host == f"unix://{path}"
    assert stat.S_IMODE(path.lstat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.lstat().st_mode) == 0o700
    assert len(os.fsencode(path)) < 90
    process.terminate()
    process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGTERM
    assert files(ada) == []


def test_what_a_killed_one_left_goes_with_the_next(gpuws):
    process, pid = started(gpuws, "alpha", "sh", "-c", "echo $$; exec sleep 600")
    process.kill()
    os.kill(int(pid), signal.SIGKILL)
    process.communicate(timeout=20)
    assert len(files(gpuws)) == 1
    assert gpuws.run("with", "alpha", "--", "sh", "-c", "exit 7").returncode == 7
    assert files(gpuws) == []


def test_it_goes_on_with_the_next_keeper(gpuws):
    process, first = started(gpuws, "alpha", "sh", "-c", "docker ps -q | wc -l; read go; docker ps -q | wc -l")
    os.kill(User(gpuws.home).one(), signal.SIGKILL)
    out, errors = process.communicate("go\n", timeout=60)
    assert (process.returncode, out.strip()) == (0, first), errors
    assert int(first) >= 2
