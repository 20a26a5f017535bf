"""The thread that takes use down."""

from __future__ import annotations

import logging
import sqlite3

import pytest

from gpuws.history.recorder import Recorder
from gpuws.history.store import Store
from gpuws.model.gpu.reading import HostFacts
from gpuws.model.history.usage import Holding, Record
from tests import factories
from tests.history.simulated import BEGIN, Fleet
from tests.keeper.serving import until


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history.sqlite3"


FLEET = Fleet(1, 4, 7200)


def watch(path, keep="mine", every=3600.0):
    recorder = Recorder(path, lambda: keep, every=every, clock=lambda: BEGIN + 3600)
    for snapshot in FLEET.snapshots(30):
        recorder.saw(snapshot)
    return recorder


def kept(path):
    return Store(path).read(0, BEGIN * 2)


def test_of_others_no_name_is_written_down(path):
    watch(path).close()
    people = {use.holding for use in kept(path).uses}
    assert {one.user for one in people if one.mine} == {"alice"}
    assert {one for one in people if one.kind == "person" and not one.mine} == set()
    assert Holding("others") in people
    for name in (b"bob", b"carol", b"dave", b"box-", b"torch-bob"):
        assert name not in path.read_bytes()


def test_with_all_their_logins_are(path):
    watch(path, "all").close()
    assert {"alice", "carol"} <= {use.holding.user for use in kept(path).uses}


def test_off_makes_no_file(path):
    watch(path, "off").close()
    assert not path.exists()


def test_it_writes_while_it_goes_on(path):
    recorder = watch(path, every=0.02)
    until(lambda: path.exists() and kept(path).watched, "a write")
    recorder.close()


def test_a_machine_of_two_names_is_counted_once(path):
    recorder = Recorder(path, lambda: "mine", every=3600, clock=lambda: BEGIN + 60)
    facts = HostFacts("alice", 1000, 1000, (), "/home/alice", "a", boot_id="boot", pid_namespace=1)
    for at in (0.0, 30.0, 60.0):
        for name in ("alpha", "beta"):
            recorder.saw(
                factories.snapshot(
                    name,
                    aliases=("beta",) if name == "alpha" else ("alpha",),
                    facts=facts,
                    updated_at=BEGIN + at,
                    gpus=(factories.gpu(0),),
                )
            )
    recorder.close()
    assert sum(use.amounts.seconds for use in kept(path).uses) == 60.0


def test_a_damaged_file_costs_one_sentence_and_nothing_else(path, caplog):
    path.write_bytes(b"no database" * 1000)
    with caplog.at_level(logging.WARNING, "gpuws.history"):
        recorder = watch(path, every=0.05)
        until(lambda: path.with_suffix(".damaged").exists() and path.exists() and kept(path).uses, "a new one")
        recorder.close()
    assert len(caplog.records) == 1
    assert "is damaged" in caplog.text
    assert "Traceback" not in caplog.text


def test_what_could_not_be_written_is_written_later(path, caplog, monkeypatch):
    monkeypatch.setattr("gpuws.history.store.PATIENCE", 0.01)
    Store(path).write(Record())
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")
    with caplog.at_level(logging.WARNING, "gpuws.history"):
        recorder = watch(path, every=0.02)
        until(lambda: "can't be written, and waits" in caplog.text, "a sentence")
        other.rollback()
        other.close()
        until(lambda: kept(path).uses, "what waited")
        recorder.close()
    assert len(caplog.records) == 1
    lost = sum(until - since for since, until in FLEET.gaps["host-0"])
    assert sum(use.amounts.seconds for use in kept(path).uses) == pytest.approx(4 * (7200 - lost), rel=0.02)
