"""The file: private, bounded, and never a reason to stop."""

from __future__ import annotations

import resource
import sqlite3
import stat
from random import Random

import pytest

from gpuws.history.store import Broken, Store, Unusable
from gpuws.model.history.usage import (
    FREE,
    STEP,
    Amounts,
    GpuFacts,
    GpuKey,
    Holding,
    Record,
    Rest,
    Use,
    Watched,
)

NOW = 1_770_000_300.0
TODAY = int(NOW // STEP)
GPU = GpuKey("alpha", "GPU-1")
ALICE = Holding("person", "alice", True, "torch")
ONE = Amounts(60, 50, 0, 60, 4800, 60, 36000)


def record(step=TODAY, gpu=GPU, holding=ALICE, amounts=ONE):
    return Record(uses=(Use(step, gpu, holding, amounts),), gpus={gpu: GpuFacts(0, "NVIDIA H200")})


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "history" / "k.sqlite3")


def everything(store):
    return store.read(0, NOW + 86400)


def test_what_was_written_is_read_again(store):
    rest = Rest(GPU, ALICE, NOW - 7200, NOW, "worked until")
    told = Record(
        (Use(TODAY, GPU, ALICE, ONE), Use(TODAY, GPU, FREE, ONE)),
        (Watched("alpha", NOW - 60, NOW),),
        (rest,),
        {GPU: GpuFacts(3, "NVIDIA H200")},
    )
    store.write(told, NOW)
    found = everything(store)
    assert set(found.uses) == set(told.uses)
    assert (found.watched, found.rests, found.gpus) == (told.watched, told.rests, told.gpus)


def test_a_quarter_of_an_hour_grows_and_a_renumbered_gpu_stays_the_same(store):
    store.write(record(), NOW)
    store.write(Record(record().uses, gpus={GPU: GpuFacts(5, "NVIDIA H200")}), NOW)
    found = everything(store)
    assert found.uses == (Use(TODAY, GPU, ALICE, ONE.plus(ONE)),)
    assert found.gpus == {GPU: GpuFacts(5, "NVIDIA H200")}


def test_what_follows_at_once_makes_a_stretch_longer(store):
    for since, until in ((0, 60), (60, 120), (150, 200), (400, 460)):
        store.write(Record(watched=(Watched("alpha", NOW + since, NOW + until),)), NOW)
    spans = [(one.since - NOW, one.until - NOW) for one in everything(store).watched]
    assert spans == [(0, 200), (400, 460)]


def test_it_is_private_and_reading_makes_none(store):
    assert everything(store) == Record()
    assert not store.path.parent.exists()
    store.write(record(), NOW)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700


def test_removed_while_it_is_in_use_it_is_made_anew(store):
    store.write(record(), NOW)
    store.path.unlink()
    store.write(record(), NOW)
    assert len(everything(store).uses) == 1


def test_what_is_too_old_goes(store):
    store.write(record(TODAY - 93 * 96), NOW - 93 * 86400)
    store.write(record(), NOW)
    assert [one.step for one in everything(store).uses] == [TODAY]


def test_what_is_too_much_goes_the_oldest_first_and_the_file_gets_smaller(store, tmp_path):
    small = Store(store.path, most=150_000)
    for day in range(12):
        first = TODAY - (12 - day) * 96
        uses = tuple(
            Use(first + step, GpuKey("alpha", f"GPU-{gpu}"), ALICE, ONE) for step in range(96) for gpu in range(8)
        )
        small.write(Record(uses), NOW)
    small.write(record(), NOW)
    assert store.path.stat().st_size < 200_000
    steps = [one.step for one in everything(store).uses]
    assert max(steps) == TODAY
    assert min(steps) > TODAY - 12 * 96


@pytest.mark.soak
def test_a_month_of_64_gpus_takes_at_most_20_megabytes(store):
    """Each GPU changes hands every two hours, and a third of the time two persons share it."""
    rng = Random(3)
    for day in range(30):
        uses = []
        for gpu in range(64):
            key = GpuKey(f"host-{gpu // 8}", f"GPU-{gpu:08d}-aaaa-bbbb-cccc-dddddddddddd")
            for step in range(96):
                people = [FREE] if rng.random() < 0.3 else [_somebody(rng) for _ in range(1 + (rng.random() < 0.35))]
                people += [_somebody(rng)] if step % 8 == 0 else []
                uses += [Use(TODAY + day * 96 + step, key, one, _amounts(rng)) for one in dict.fromkeys(people)]
        watched = [
            Watched(f"host-{host}", NOW + day * 86400 + at, NOW + day * 86400 + at + 3000)
            for host in range(8)
            for at in range(0, 86400, 3600)
        ]
        store.write(Record(tuple(uses), tuple(watched)), NOW)
    assert len(store.read(NOW, NOW + 31 * 86400).uses) > 200_000
    assert sum(path.stat().st_size for path in store.path.parent.iterdir()) <= 20_000_000


def _somebody(rng):
    return Holding("person", f"user{rng.randrange(12)}", False, f"profile-{rng.randrange(3)}")


def _amounts(rng):
    return Amounts(*(rng.randrange(900) for _ in range(4)), rng.randrange(90_000), 900, rng.randrange(600_000))


def test_a_damaged_file_is_named_and_set_aside(store):
    store.write(record(), NOW)
    store.path.write_bytes(b"this is no database" * 300)
    with pytest.raises(Broken, match=r"is damaged: .* database"):
        store.write(record(), NOW)
    with pytest.raises(Broken):
        everything(store)
    assert store.set_aside().read_bytes().startswith(b"this is no database")
    store.write(record(), NOW)
    assert len(everything(store).uses) == 1


def test_a_locked_file_is_named(store, monkeypatch):
    monkeypatch.setattr("gpuws.history.store.PATIENCE", 0.01)
    store.write(record(), NOW)
    other = sqlite3.connect(store.path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unusable, match="database is locked"):
        store.write(record(), NOW)
    assert len(everything(store).uses) == 1  # whoever reads need not wait
    other.rollback()
    other.close()
    store.write(record(), NOW)
    assert everything(store).uses[0].amounts == ONE.plus(ONE)


def test_on_a_full_disk_what_was_written_stays(store):
    store.write(record(), NOW)
    many = tuple(Use(TODAY, GpuKey("alpha", f"GPU-new-{gpu}"), ALICE, ONE) for gpu in range(6000))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))  # no file grows beyond: SQLite hears EFBIG
    try:
        with pytest.raises(Unusable, match="can't be used"):
            store.write(Record(many), NOW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert len(everything(store).uses) == 1
    store.write(Record(many), NOW)
    assert len(everything(store).uses) == 6001


def test_a_directory_that_is_a_file_is_named(tmp_path):
    (tmp_path / "history").write_text("")
    with pytest.raises(Unusable, match="can't be used"):
        Store(tmp_path / "history" / "k.sqlite3").write(record(), NOW)


def test_one_of_a_newer_gpuws_is_left_alone(store):
    store.write(record(), NOW)
    connection = sqlite3.connect(store.path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = store.path.read_bytes()
    with pytest.raises(Unusable, match="newer gpuws"):
        store.write(record(), NOW)
    assert store.path.read_bytes() == before


def test_a_link_is_not_followed(store, tmp_path):
    store.path.parent.mkdir()
    target = tmp_path / "elsewhere"
    target.write_bytes(b"")
    store.path.symlink_to(target)
    with pytest.raises(Unusable):
        store.write(record(), NOW)
    assert target.read_bytes() == b""
