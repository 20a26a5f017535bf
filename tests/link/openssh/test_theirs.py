"""A connection that an ssh of the user's own shares is used, and left alone."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from gpuws.link.openssh import theirs
from gpuws.link.openssh.control import running
from gpuws.link.openssh.theirs import SharedLink
from gpuws.link.paramiko import keepalive
from gpuws.model.errors import GpuwsError, Unreachable
from gpuws.model.session.terminal import Size
from tests.link.openssh.test_end import await_true


@pytest.fixture
def link(shared_link: SharedLink) -> SharedLink:
    assert isinstance(shared_link, SharedLink)
    return shared_link


def test_it_is_used_and_outlives_what_was_refused(link: SharedLink):
    path = link._resolved.control_path
    pid = running(path)
    facts = link.facts()
    assert (facts.backend, link.needed_human) == ("openssh", True)
    with pytest.raises(GpuwsError, match="can't be reached"):
        link.dial_unix("/nowhere")
    with pytest.raises(GpuwsError, match="can't be reached"):
        link.dial_tcp("127.0.0.1", 1)
    link.close()
    time.sleep(0.2)  # it would end a moment later
    assert running(path) == pid


def test_a_status_of_255_is_the_programs(link: SharedLink):
    done = link.run(["sh", "-c", "echo odd >&2; exit 255"])
    assert (done.status, done.stderr) == (255, b"odd\n")


def test_closing_a_program_ends_it(link: SharedLink, tmp_path: Path):
    gone = tmp_path / "gone"
    process = link.popen(["sh", "-c", f"trap 'echo > {gone}; exit' TERM; echo ready; while :; do sleep 0.1; done"])
    assert process.read() == b"ready\n"
    process.close()
    await_true(gone.exists)


def test_its_end_is_a_loss_at_once(link: SharedLink):
    told, reasons = threading.Event(), []
    link.on_lost(lambda reason: (reasons.append(reason), told.set()))
    with closing(link.interactive(["cat"], Size())):
        pid = running(link._resolved.control_path)
        assert pid is not None
        link._transport._control.close()
        assert told.wait(5)
    assert reasons == [theirs.ENDED]
    with pytest.raises(Unreachable, match="box: the connection was lost: your own ssh"):
        link.run(["true"])


def test_it_is_asked_where_nothing_comes(link: SharedLink, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(theirs, "QUIET", 0.05)
    for name, seconds in (("TICK", 0.05), ("INTERVAL", 0.2)):
        monkeypatch.setattr(keepalive, name, seconds)
    assert link.latency is None
    link.ping()
    await_true(lambda: link.latency is not None)
