"""Waits in the keeper: seen by every client, kept over a keeper's end, and what keeps it alive."""

import pytest

from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.fleet.events import WaitsChanged
from gpuws.fleet.local.shared.wait_queue import WaitQueue
from gpuws.keeper.wire.messages import Condition, Inquire
from gpuws.model.errors import TargetError
from gpuws.model.placement.queued_wait import WaitOrder
from tests.keeper.serving import until

NEVER = WaitOrder("all", ("alpha",), "base", "mine")  # somebody always holds one of them


class Waited(DemoFleet):
    """A lab that keeps waits; it moves by `step` only."""

    def __init__(self):
        super().__init__(tick=0)
        self._waits = WaitQueue(self, lambda waits: self._emit([WaitsChanged(waits)]))

    def begin_wait(self, order, environ):
        return self._waits.begin(order, environ)

    def cancel_wait(self, wait_id):
        self._waits.cancel(wait_id)

    def waits(self):
        return self._waits.list()

    def restore_waits(self, waits):
        self._waits.restore(waits)

    def close(self):
        super().close()
        self._waits.close()


@pytest.fixture
def serving(serve):
    return serve(Waited())


def condition(serving) -> Condition:
    return serving.dialer().ask(Inquire())


def test_every_client_sees_it_and_any_may_end_it(serving):
    one, other = serving.client(), serving.client()
    kept = one.begin_wait(NEVER, {"TOKEN": "hush"})
    until(lambda: [wait.id for wait in other.waits()] == [kept.id], "the wait in the other's view")
    one.close()
    assert [wait.order for wait in condition(serving).waits] == [NEVER]
    assert condition(serving).ends_in is None
    other.cancel_wait(kept.id)
    until(lambda: other.waits() == (), "its end in the view")
    with pytest.raises(TargetError, match="no wait"):
        other.cancel_wait(kept.id)


def test_the_next_keeper_goes_on_with_it_and_the_file_holds_no_secret(serve, serving):
    serving.client().begin_wait(NEVER, {"TOKEN": "hush"})
    path = serving.home.waits
    until(path.exists, "the file")
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"hush" not in path.read_bytes()
    serving.end()
    following = serve(Waited(), home=serving.home)
    client = following.client()
    until(lambda: [wait.order for wait in client.waits()] == [NEVER], "the wait")
    client.cancel_wait("1")
    until(lambda: not path.exists(), "the file's end")


def test_stopped_for_good_it_is_forgotten(serving):
    serving.client().begin_wait(NEVER, {})
    until(serving.home.waits.exists, "the file")
    assert serving.dialer().retire(forget=True)
    assert not serving.home.waits.exists()


def test_a_file_that_makes_no_sense_is_no_wait(serve, serving):
    serving.end()
    serving.home.waits.write_text('[{"id": 7}]')
    assert serve(Waited(), home=serving.home).client().waits() == ()
