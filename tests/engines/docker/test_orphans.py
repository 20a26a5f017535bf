"""What a killed gpuws left in containers is found and ended; what others run stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import gpuws
from gpuws.engines.docker.exec import mark
from tests.engines.docker.inside import processes, until

ROOT = Path(gpuws.__file__).parents[1]

CHILD = """
import sys, time
from gpuws.engines.docker.connect import connect_engine
from gpuws.link.local.local import LocalLink
from gpuws.model.host.host import DockerAccess, Host
from gpuws.model.session.terminal import Size
engine = connect_engine(Host("here", docker=DockerAccess(socket=sys.argv[1])), LocalLink(), {})
place = engine.place(sys.argv[2], user="9")
process = place.popen(["sleep", "4801"])
terminal = place.interactive(["tmux", "new-session", "-s", "kept", "sleep 4802"], Size())
terminal.recv()
print("ready", flush=True)
time.sleep(600)
"""


@pytest.mark.lab
def test_orphans_of_a_killed_gpuws_are_ended_at_the_next_connect(bench, box):
    mine = bench.engine.place(box).popen(["sleep", "4803"])
    bench.daemon.cli("exec", "-d", box, "sleep", "4804")
    argv = [sys.executable, "-c", CHILD, str(bench.daemon.socket), box]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=ROOT, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        assert bench.engine.orphans.end() == 0  # it lives
        os.kill(child.pid, signal.SIGKILL)

    def running(word):
        return any(word in line for line in processes(bench, box))

    until(lambda: running("4802"), "tmux never started its command")
    assert running("4801")
    assert bench.engine.orphans.end() == 2
    until(lambda: not running("4801"), "the orphan lives on")
    assert running("4802")
    assert running("4803")
    assert running("4804")
    until(lambda: bench.engine.orphans.end() == 0, "an orphan is found again and again")
    bench.engine.place(box, user="9").run(["tmux", "kill-server"])
    mine.close()
    until(lambda: not running("4803"), "it lives on")


def test_marks_read_back():
    one = mark.new_mark(lambda: True)
    assert mark.parse(str(one)) == one
    assert one.pid == os.getpid()
    assert mark.in_arguments(["-c", "x", f"{mark.ARGUMENT}{one}", "sleep"]) == one


@pytest.mark.parametrize("text", ["", "a/b/c", "h/b/x/s/u", "h/b/1/s/u/more", "h/b/1/s/a b", "h/b/1//u", "h/b/-1/s/u"])
def test_what_is_no_mark(text):
    assert mark.parse(text) is None
    assert mark.in_arguments([f"{mark.ARGUMENT}{text}", 7, None]) is None


def test_who_is_judged_abandoned():
    alive = mark.new_mark(lambda: True)

    def changed(**fields):
        words = {name: getattr(alive, name) for name in ("hostname", "boot", "pid", "start", "unique")}
        return mark.Mark(**{**words, **fields})

    with subprocess.Popen(["true"]) as child:
        child.wait()
    assert not mark.abandoned(alive)
    assert mark.abandoned(changed(pid=child.pid))
    assert mark.abandoned(changed(start="1"))
    assert mark.abandoned(changed(boot="00000000"))
    assert not mark.abandoned(changed(hostname="elsewhere", pid=child.pid))
    assert not mark.abandoned(changed(hostname="elsewhere", boot="00000000"))


def test_what_this_process_lost_with_a_link_is_abandoned():
    link = [True]
    one = mark.new_mark(lambda: link[0])
    assert not mark.abandoned(one)
    link[0] = False
    assert mark.abandoned(one)
    link[0] = True
    mark.let_go(one)
    assert mark.abandoned(one)


def test_a_process_of_another_user_is_alive(monkeypatch):
    def forbidden(pid, number):
        raise PermissionError

    monkeypatch.setattr(os, "kill", forbidden)
    monkeypatch.setattr(mark, "started", lambda pid: None)
    assert not mark.abandoned(mark.Mark(mark.hostname(), mark.boot(), 1, "77", "u"))
