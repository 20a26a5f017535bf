"""Ctrl-C during long work: it is cancelled, and what it says at its end is what is told."""

import signal
import threading

import pytest

from gpuws.cli.toolkit import cancellation as cancelling
from gpuws.cli.toolkit.cancellation import cancellable
from gpuws.model.errors import Cancelled, GpuwsError


def interrupted(end):
    """What comes of work that is interrupted while it runs, and takes a while to `end`."""
    told = []

    def work(cancel):
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        assert cancel.wait(20)
        threading.Event().wait(0.2)
        return end()

    try:
        return cancellable(work, lambda: told.append("interrupted"))
    finally:
        assert told == ["interrupted"]


def failing(error):
    raise error


def test_what_was_taken_back_is_waited_for():
    with pytest.raises(Cancelled, match="nothing was left behind"):
        interrupted(lambda: failing(Cancelled("cancelled: nothing was left behind")))


def test_what_could_not_be_taken_back_is_told():
    with pytest.raises(GpuwsError, match="the way back failed"):
        interrupted(lambda: failing(GpuwsError("the way back failed")))


def test_what_was_done_already_is_the_result():
    assert interrupted(lambda: "done") == "done"


def test_what_does_not_end_is_not_waited_for_for_ever(monkeypatch):
    monkeypatch.setattr(cancelling, "CLEANUP", 0.05)
    with pytest.raises(Cancelled, match="nothing says that it has ended"):
        interrupted(lambda: "late")
