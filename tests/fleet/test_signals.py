"""Signals reach the process that was seen and no other; real processes, on this machine."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from gpuws.fleet.local.host import signals
from gpuws.model.errors import GpuwsError, Refused, TargetError, UsageError
from gpuws.model.gpu.gpu import Gpu, GpuProcess
from gpuws.model.host.host import Host
from gpuws.model.host.snapshot import HostSnapshot
from tests.probe.local_place import LocalPlace

BOX = "a" * 64


@dataclass
class Site:
    """As much of a supervisor as a signal needs, on this machine."""

    seen: GpuProcess
    place: LocalPlace = field(default_factory=LocalPlace)
    readonly: bool = False
    entered: list = field(default_factory=list)
    host = Host("alpha")

    @property
    def snapshot(self):
        return HostSnapshot("alpha", gpus=(Gpu(0, "GPU-0", "A100", processes=(self.seen,)),))

    def link(self):
        return self.place

    def engine(self):
        return self

    def inside(self, container, user):
        self.entered.append((container, user))
        return self.place


class Engine:
    """The engine's part: to enter a container is to stay on this machine."""

    def __init__(self, site):
        self.site = site

    def place(self, container, user):
        return self.site.inside(container, user)


class AsNobody(LocalPlace):
    def words(self, argv):
        return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *super().words(argv)]


@pytest.fixture
def child():
    """A program that says how it is asked to end."""
    script = "import signal, sys; signal.signal(15, lambda *_: sys.exit(15)); print(1, flush=True); signal.pause()"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline()
        yield process
        process.kill()


def seen(pid, **changes):
    boot = next(
        int(line.split()[1]) for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime")
    )
    ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    return GpuProcess(**{"pid": pid, "user": "bob", "started_at": round(boot + ticks / 100, 2), **changes})


@pytest.mark.parametrize(("name", "status"), [("TERM", 15), ("KILL", -signal.SIGKILL), ("INT", -signal.SIGINT)])
def test_the_process_that_was_seen_gets_it(child, name, status):
    if name == "INT":
        status = 1  # Python's own KeyboardInterrupt, or the signal itself
    signals.send(Site(seen(child.pid)), child.pid, name)
    assert child.wait(10) in (status, -signal.SIGINT)


def test_inside_a_container_it_goes_to_the_pid_there_as_root(child):
    site = Site(replace(seen(child.pid), pid=4711, container_id=BOX, inner_pid=child.pid))
    site.engine = lambda: Engine(site)
    signals.send(site, 4711, "TERM")
    assert child.wait(10) == 15
    assert site.entered == [(BOX, "0")]


def test_where_an_image_has_no_shell_the_host_is_the_way(child):
    site = Site(replace(seen(child.pid), container_id=BOX, inner_pid=child.pid))
    site.engine = lambda: Engine(replace(site, place=LocalPlace({"PATH": "/nowhere"})))
    signals.send(site, child.pid, "TERM")
    assert child.wait(10) == 15


def test_a_pid_that_is_another_process_by_now_is_left_alone(child):
    old = seen(child.pid, started_at=seen(child.pid).started_at - 60)
    with pytest.raises(Refused, match=f"pid {child.pid} on alpha is another process by now"):
        signals.send(Site(old), child.pid, "KILL")
    assert child.poll() is None


def test_a_process_that_has_ended_is_told_as_such(child):
    known = seen(child.pid)
    child.kill()
    child.wait()
    with pytest.raises(TargetError, match="has ended already"):
        signals.send(Site(known), child.pid, "TERM")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_what_is_not_mine_is_not_ended(child):
    with pytest.raises(Refused, match=f"process {child.pid} on alpha is not yours: no permission") as refused:
        signals.send(Site(seen(child.pid), AsNobody()), child.pid, "KILL")
    assert "bob" in refused.value.remedy
    assert child.poll() is None


def test_nothing_is_sent_where_it_must_not_be(child):
    known = seen(child.pid)
    with pytest.raises(Refused, match="read-only"):
        signals.send(Site(known, readonly=True), child.pid, "TERM")
    with pytest.raises(UsageError, match="no signal 'STOP'"):
        signals.send(Site(known), child.pid, "STOP")
    with pytest.raises(TargetError, match="no process 1 holds a GPU"):
        signals.send(Site(known), 1, "TERM")
    with pytest.raises(Refused, match="can't be looked at"):
        signals.send(Site(seen(child.pid, started_at=None)), child.pid, "TERM")
    assert child.poll() is None


def test_a_place_without_a_shell_says_that_it_failed(child):
    with pytest.raises(GpuwsError):
        signals.send(Site(seen(child.pid), LocalPlace({"PATH": "/nowhere"})), child.pid, "TERM")
    assert child.poll() is None


def test_a_name_full_of_brackets_is_no_riddle(tmp_path):
    """A program's name stands in brackets before its start in /proc."""
    program = tmp_path / "a) b (c) 1 2"
    program.symlink_to(sys.executable)
    script = "print(1, flush=True); import signal; signal.pause()"
    with subprocess.Popen([str(program), "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline()
        signals.send(Site(seen(process.pid)), process.pid, "KILL")
        assert process.wait(10) == -signal.SIGKILL
