"""The client and the first stages, on real interpreters."""

import os
import pwd
import shutil
import sys
import threading
import time
from pathlib import Path

import pytest

from gpuws.link import interpreter
from gpuws.model.errors import GpuwsError, Unreachable
from gpuws.model.gpu.fault import Fault
from gpuws.model.host.host import Host
from gpuws.probe import bootstrap, client

PYTHONS = {path.parents[1].name: path for path in (Path.home() / ".pyenv/versions").glob("*/bin/python3")}


def test_facts_come_first_then_samples(watch):
    watched = watch()
    facts = watched.facts()
    me = pwd.getpwuid(os.getuid())
    assert (facts.login, facts.uid, facts.gid, facts.home) == (me.pw_name, os.getuid(), os.getgid(), me.pw_dir)
    assert facts.hostname == os.uname().nodename
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert facts.machine == (boot, Path("/proc/self/ns/pid").stat().st_ino)
    assert facts.cpu_count == os.cpu_count()
    assert facts.has_tmux == bool(shutil.which("tmux"))
    assert set(facts.gids) == {os.getgid(), *os.getgroups()}
    assert len(facts.gids) == len(facts.groups)
    assert facts.interpreter
    assert os.access(facts.interpreter, os.X_OK)
    first, second = watched.reading(), watched.reading()
    assert first.taken_at <= second.taken_at
    assert (first.cpu_percent is None, second.cpu_percent is None) == (True, False)
    assert 0 < first.memory_used < first.memory_total
    assert first.disks[0].mount == "/"


def test_it_is_a_modest_and_visible_guest(watch):
    watched = watch()
    watched.reading()
    proc = Path(f"/proc/{watched.child.pid}")
    assert (proc / "comm").read_text() == "gpuws-probe\n"
    assert b"\0gpuws-probe\0" in (proc / "cmdline").read_bytes()
    assert (proc / "cwd").readlink() == Path("/")
    assert os.getpriority(os.PRIO_PROCESS, watched.child.pid) >= 10
    assert {str(fd.readlink()).split(":")[0] for fd in (proc / "fd").iterdir()} <= {"pipe", "/dev/null", "socket"}


@pytest.mark.parametrize("minor", range(6, 14))
def test_interpreters(nvml, watch, minor):
    python = next((path for name, path in PYTHONS.items() if name.startswith(f"3.{minor}.")), None)
    if python is None:
        pytest.skip(f"no Python 3.{minor} on this machine")
    nvml.write(f"driver = 580.1\ncuda = 12080\n[gpu]\nuuid = GPU-1\nname = A\nprocesses = {os.getpid()}:4096:3\n")
    watched = watch(nvml.env, host=Host("local", python=str(python)))
    assert watched.facts().python.startswith(f"3.{minor}.")
    reading = watched.reading()
    assert (reading.source, reading.cuda, reading.gpus[0].uuid) == ("nvml", "12.8", "GPU-1")
    assert reading.processes[0].pid == os.getpid()
    assert not watched.probe._stderr


@pytest.mark.parametrize("noise", ["Welcome to alpha\\n", "no newline at the end", "\\0377\\033[31m \\n" * 3])
def test_what_start_files_print_is_skipped(watch, noise):
    watched = watch(noise=noise)
    assert watched.facts().login


def test_a_host_without_python(watch, tmp_path):
    for name in ("sh", "printf"):
        (tmp_path / name).symlink_to(shutil.which(name))
    watched = watch({"PATH": str(tmp_path)}, candidates=["python3", "/nonexistent/python3"])
    assert watched.end.get(timeout=20) == client.NO_PYTHON


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (None, "is not there, or may not be run"),
        ("exit 1", "is no Python 3.6 or newer with zlib and ctypes"),  # as an old one says to the question
    ],
)
def test_a_python_of_the_file_that_is_none_is_named(watch, tmp_path, script, why):
    named = tmp_path / "python3"
    if script:
        named.write_text(f"#!/bin/sh\n{script}\n")
        named.chmod(0o755)
    watched = watch(host=Host("local", python=str(named)))
    fault = watched.end.get(timeout=20)
    assert (fault.kind, fault.text) == ("no-python", f"`python: {named}` of hosts.yaml {why}")
    assert fault.remedy == "name another, or leave `python:` out: then one is looked for"


def test_a_python_that_does_not_work_is_passed_over(watch, tmp_path):
    broken = tmp_path / "python3"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    good = tmp_path / "python3.12"
    good.symlink_to(os.path.realpath(shutil.which("python3.11") or shutil.which("python3")))
    watched = watch({"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert watched.facts().login


@pytest.mark.parametrize("place", ["miniconda3/bin", "anaconda3/bin", ".pyenv/shims"])
def test_a_python_that_is_on_no_path(watch, tmp_path, place):
    bare, home = tmp_path / "bin", tmp_path / "home of ann"
    for folder in (bare, home / place):
        folder.mkdir(parents=True)
    for name in ("sh", "printf"):
        (bare / name).symlink_to(shutil.which(name))
    (home / place / "python3").symlink_to(os.path.realpath(sys.executable))
    candidates = [python for python in interpreter.PYTHONS if not python.startswith("/")]
    watched = watch({"PATH": str(bare), "HOME": str(home)}, candidates=candidates)
    assert watched.facts().login


def test_a_python_without_ctypes_is_passed_over(watch, tmp_path):
    for name in ("sh", "printf"):
        (tmp_path / name).symlink_to(shutil.which(name))
    (tmp_path / "python3").write_text(f'#!/bin/sh\ncase $3 in *_ctypes*) exit 1 ;; esac\nexec {sys.executable} "$@"\n')
    (tmp_path / "python3").chmod(0o755)
    watched = watch({"PATH": str(tmp_path)}, candidates=["python3"])
    assert watched.end.get(timeout=20).text == "its python3 is no Python 3.6 or newer with zlib and ctypes"


def test_an_agent_that_is_killed_says_so(watch):
    watched = watch()
    watched.reading()
    watched.child.kill()
    assert watched.end.get(timeout=20) == Fault("other", "the probe ended with status 137")
    assert watched.end.empty()


def test_close_is_silent_and_ends_the_agent(watch):
    watched = watch()
    watched.reading()
    watched.probe.close()
    watched.probe.close()
    watched.child.wait(5)
    assert watched.end.empty()


def test_heartbeats_keep_it_alive(watch, monkeypatch):
    monkeypatch.setattr(client, "HEARTBEAT", 0.2)
    watched = watch(lease=1.0)
    began = watched.reading().taken_at
    assert watched.reading(lambda reading: reading.taken_at > began + 2.5)


def test_silence_is_an_end(watch, monkeypatch):
    monkeypatch.setattr(client, "HEARTBEAT", 0.2)
    monkeypatch.setattr(client, "SILENCE", 1.0)
    watched = watch()
    watched.reading()
    watched.child.send_signal(19)  # SIGSTOP
    assert watched.end.get(timeout=20).text.startswith("the probe fell silent for")


class Dead:
    """A place whose link is lost, or hangs."""

    def __init__(self, error=None):
        self.error = error
        self.freed = threading.Event()

    def popen(self, argv):
        if self.error:
            raise self.error
        self.freed.wait(30)
        raise GpuwsError("too late")


def test_a_lost_link_is_an_end(watch):
    ends = []
    done = threading.Event()
    place = Dead(Unreachable("alpha: the link was lost", "wait"))
    probe = client.Probe(place, Host("alpha"), print, print, lambda reason: (ends.append(reason), done.set()))
    probe.start()
    assert done.wait(5)
    assert ends == [Fault("other", "alpha: the link was lost", "wait")]


def test_a_hanging_link_neither_blocks_nor_lasts(monkeypatch):
    monkeypatch.setattr(client, "HEARTBEAT", 0.1)
    monkeypatch.setattr(client, "HELLO_DEADLINE", 0.5)
    place, done = Dead(), threading.Event()
    probe = client.Probe(place, Host("alpha"), print, print, lambda reason: done.set())
    probe.start()
    assert done.wait(5)
    probe.close()
    place.freed.set()


def test_the_payload_is_small_and_made_of_what_is_installed():
    payload = bootstrap.payload(bootstrap.AgentOptions())
    assert len(payload.first) < 2000
    assert len(payload.rest) < 80_000


class Flood:
    """A host that writes without end."""

    def __init__(self, line: bytes):
        self.line = line
        self.reads = 0

    def popen(self, argv):
        self.first = f"{bootstrap.MAGIC} {argv[6]}\n".encode()
        return self

    def read(self, limit=65536):
        self.reads += 1
        first, self.first = self.first, b""
        return first + self.line

    def read_stderr(self, limit=65536):
        return b""

    def write(self, data):
        pass

    def close(self):
        pass

    def wait(self, timeout=None):
        return 0


@pytest.mark.alone  # what other tests left running takes time, too
@pytest.mark.parametrize("line", [b"x" * 65536, b"\n" * 1000, b'{"type":"sample"}\n' * 1000])
def test_a_host_that_floods_us_is_slowed_down(line):
    place, readings = Flood(line), []
    probe = client.Probe(place, Host("alpha"), print, readings.append, print)
    before = time.process_time()
    probe.start()
    time.sleep(0.5)  # what is measured is how much is done in this time
    probe.close()
    assert len(readings) <= 60
    assert place.reads <= 60
    assert time.process_time() - before < 0.4
