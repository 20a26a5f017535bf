"""What is sent of a snapshot makes the client's equal to the keeper's, and nothing is sent twice."""

from dataclasses import fields, replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.keeper.wire.deltas import FIELDS, applied, difference
from gpuws.keeper.wire.messages import Changed
from gpuws.keeper.wire.typed import encode
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot


def lab():
    """Full snapshots: a demo's hosts at two moments."""
    fleet = DemoFleet(tick=0)
    early = fleet.snapshots()
    for _ in range(30):
        fleet.step()
    return [*early, *fleet.snapshots()]


LAB = lab()
snapshots = st.builds(
    lambda whole, state, phase, error, retry_at, latency, generation, complete: replace(
        whole,
        name="alpha",
        state=state,
        phase=phase,
        error=error,
        retry_at=retry_at,
        latency=latency,
        generation=generation,
        complete=complete,
    ),
    st.sampled_from(LAB),
    st.sampled_from(HostState),
    st.text(max_size=5),
    st.none() | st.text(max_size=5),
    st.none() | st.floats(allow_nan=False),
    st.none() | st.floats(allow_nan=False),
    st.integers(0, 2**60),
    st.frozensets(st.sampled_from(["telemetry", "containers", "sessions"])),
)


def crossed(message):
    """As it arrives at the other end."""
    return msgspec.msgpack.decode(encode(message), type=Changed)


@given(st.none() | snapshots, snapshots)
def test_a_client_gets_what_the_keeper_has(before, now):
    change = difference(before, now)
    assert (change is None) == (before == now)
    assert before == now if change is None else applied(before, crossed(change)) == now


@given(snapshots)
def test_nothing_is_sent_of_what_is_equal(snapshot):
    assert difference(snapshot, replace(snapshot)) is None


@given(snapshots)
def test_the_first_time_all_is_sent(snapshot):
    assert set(difference(None, snapshot).fields) == {field.name for field in fields(HostSnapshot)} == set(FIELDS)


def test_only_what_changed_is_sent():
    before = LAB[0]
    after = replace(before, load=(before.load or 0) + 1, gpus=before.gpus[:1])
    change = difference(before, after)
    assert set(change.fields) == {"load", "gpus"}
    assert set(msgspec.msgpack.decode(change.values)) == {"name", "load", "gpus"}


def test_fields_of_a_newer_keeper_are_passed_over():
    values = {"name": "alpha", "load": 2.0, "colour": "red"}
    before = HostSnapshot("alpha", phase="connecting")
    assert applied(before, Changed("alpha", ("load", "colour"), msgspec.Raw(encode(values)))) == replace(
        before, load=2.0
    )


@pytest.mark.parametrize("value", [7, "nowhere", None, b"\xff"])
def test_a_value_that_makes_no_sense_is_no_snapshot(value):
    with pytest.raises(msgspec.DecodeError):
        applied(None, Changed("alpha", ("state",), msgspec.Raw(encode({"name": "alpha", "state": value}))))
