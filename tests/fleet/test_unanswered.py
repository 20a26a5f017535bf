"""An action whose answer was lost ends with what is known: the host is made up, and comes back or does not."""

import pytest

from gpuws.fleet.local.shared import unanswered
from gpuws.fleet.local.shared.unanswered import look_up
from gpuws.model.errors import GpuwsError, Unanswered, Unreachable
from gpuws.model.host.host import HostState
from gpuws.model.workspace.aftermath import DONE, Aftermath
from tests.factories import snapshot

LOST = Unanswered("the connection to alpha was lost")
RUNS = Aftermath("not done", "still runs")


class Alpha:
    """Its time is that of its looks."""

    def __init__(self, *seen, state=HostState.DOWN):
        self.host, self.snapshot = snapshot(), snapshot(state=state)
        self.seen, self.hurried, self.now = list(seen), 0, 0.0

    def look(self):
        found = self.seen.pop(0) if len(self.seen) > 1 else self.seen[0]
        if found is None:
            raise Unreachable("alpha is down")
        return found

    def hurry(self):
        self.hurried += 1

    def sleep(self, seconds):
        self.now += seconds

    def ends(self, error=LOST):
        look_up(self, error, "torch-dev", "stopped", self.look)


@pytest.fixture
def alpha(monkeypatch):
    def made(*seen, **more):
        host = Alpha(*seen, **more)
        monkeypatch.setattr(unanswered.time, "monotonic", lambda: host.now)
        monkeypatch.setattr(unanswered.time, "sleep", host.sleep)
        return host

    return made


def test_done_is_done_as_soon_as_it_is_seen(alpha):
    host = alpha(None, None, DONE)
    host.ends()
    assert host.hurried == 2
    assert host.now < 1


def test_what_still_runs_once_the_engine_is_through_was_not_stopped(alpha):
    host = alpha(None, RUNS)
    with pytest.raises(GpuwsError) as error:
        host.ends(Unanswered("the connection to alpha was lost", within=10.0))
    assert str(error.value) == "the connection to alpha was lost: torch-dev was not stopped: it still runs — try again"
    assert error.value.exit_code == 1
    assert 13 <= host.now < 15


def test_what_the_engine_goes_on_with_is_waited_for(alpha):
    host = alpha(*[RUNS] * 8, DONE)
    host.ends(Unanswered("the connection to alpha was lost", within=10.0))
    assert 5 < host.now < 13


def test_a_host_that_does_not_come_back_leaves_it_unknown(alpha):
    host = alpha(None)
    with pytest.raises(Unanswered, match="whether torch-dev was stopped is not known — look once it is back") as error:
        host.ends()
    assert error.value.exit_code == 3
    assert 20 <= host.now < 22


@pytest.mark.parametrize("state", [HostState.ASKING, HostState.AUTH_FAILED, HostState.HOST_KEY_CHANGED])
def test_a_host_that_waits_for_a_person_is_not_waited_for(alpha, state):
    host = alpha(None, state=state)
    with pytest.raises(Unanswered, match="is not known"):
        host.ends()
    assert host.now == 0


def test_what_tells_both_is_not_guessed(alpha):
    host = alpha(Aftermath("not known", "runs: whether it did before is not known"))
    with pytest.raises(Unanswered, match="is not known: it runs: whether it did before"):
        host.ends()


def test_it_was_seen_and_the_host_went_away_again(alpha):
    host = alpha(RUNS, None)
    with pytest.raises(Unanswered, match="look once it is back"):
        host.ends()
