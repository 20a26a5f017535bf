"""Two launches at once never get the same GPU: the lock on the host, and the look at its engine under it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import replace

import pytest

from gpuws.engines.docker.connect import connect_engine
from gpuws.engines.docker.launch import launch
from gpuws.engines.shared import lock
from gpuws.link.connect.connector import Connector
from gpuws.link.local.local import LocalLink
from gpuws.model.errors import Cancelled, Refused
from gpuws.model.host.host import Host
from gpuws.model.placement.plan import Want
from gpuws.model.profile.profile import GpuWish, Profile
from tests.engines.docker.conftest import IMAGE, UUIDS

NEVER = threading.Event()


def socket_is_bound(place) -> bool:
    return b"@gpuws-launch" in place.run(["cat", "/proc/net/unix"]).stdout


def test_one_at_a_time_and_nothing_stays():
    link, inside, most = LocalLink(), Counter(), []

    def work(number: int) -> None:
        with lock.held(link, "here", sys.executable, NEVER) as held:
            assert held.active
            inside["now"] += 1
            most.append(inside["now"])
            assert socket_is_bound(link)
            inside["now"] -= 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert most == [1] * 6
    assert_free(link)


def assert_free(place) -> None:
    end = time.monotonic() + 5
    while socket_is_bound(place):
        assert time.monotonic() < end, "somebody still holds the lock"
        time.sleep(0.02)


def test_it_is_let_go_after_its_time_however_busy_its_holder_is(monkeypatch):
    link = LocalLink()
    monkeypatch.setattr(lock, "HOLD", 1.0)
    with lock.held(link, "here", sys.executable, NEVER) as first:
        began = time.monotonic()
        with lock.held(link, "here", sys.executable, NEVER) as second:
            assert second.active
        assert time.monotonic() - began < 5
        assert first.lapsed


def test_who_waits_too_long_is_refused_and_who_cancels_is_not_held_up(monkeypatch):
    link = LocalLink()
    with lock.held(link, "here", sys.executable, NEVER):
        cancel = threading.Event()
        threading.Timer(0.3, cancel.set).start()
        began = time.monotonic()
        with pytest.raises(Cancelled), lock.held(link, "here", sys.executable, cancel):
            pass
        assert time.monotonic() - began < 3
        monkeypatch.setattr(lock, "PATIENCE", 0.5)
        busy = pytest.raises(Refused, match="other launches have kept here busy")
        with busy, lock.held(link, "here", sys.executable, NEVER):
            pass
    assert_free(link)


def test_without_python_there_is_no_lock():
    with lock.held(LocalLink(), "here", "/no/such/python", NEVER) as held:
        assert not held.active
        assert not held.lapsed


@pytest.mark.lab
def test_what_was_given_away_meanwhile_is_refused(clean):
    profile = Profile("late", image=IMAGE, command=("sleep", "infinity"), gpus=GpuWish(count=1))
    late = clean.engine.plan(profile, Want(), clean.site)
    assert late.spec.gpu_uuids == UUIDS[:1]
    winner = clean.launch(profile, Want(name="winner"))
    before = clean.ids()
    with pytest.raises(Refused, match=r"taken since it was planned: GPU 0: alice's winner"):
        clean.engine.launch(late, lambda progress: None, NEVER)
    assert clean.ids() == before
    assert clean.engine.plan(profile, Want(), clean.site).spec.gpu_uuids == UUIDS[1:2]
    shared = clean.engine.plan(replace(profile, gpus=GpuWish(indices=(0,))), Want(), clean.site)
    assert [check.status for check in shared.checks if check.name == "gpus"] == ["warn"]
    clean.engine.launch(shared, lambda progress: None, NEVER)
    clean.engine.act(winner, "remove", force=True)


@pytest.mark.lab
def test_a_container_that_was_only_created_holds_its_gpu(clean):
    made = clean.daemon.cli("create", "--gpus", "device=1", IMAGE, "true")
    profile = Profile("two", image=IMAGE, command=("sleep", "infinity"), gpus=GpuWish(count=2))
    assert clean.engine.plan(profile, Want(), clean.site).spec.gpu_uuids == (UUIDS[0], UUIDS[2])
    clean.daemon.cli("rm", made)
    assert clean.engine.plan(profile, Want(), clean.site).spec.gpu_uuids == UUIDS[:2]


@pytest.mark.lab
def test_telemetry_has_its_say_under_the_lock(clean):
    profile = Profile("late", image=IMAGE, command=("sleep", "infinity"), gpus=GpuWish(count=1))
    plan = clean.engine.plan(profile, Want(), clean.site)
    before, seen = clean.ids(), []

    def recheck() -> None:
        seen.append(socket_is_bound(clean.link))
        raise Refused("taken by a process")

    with pytest.raises(Refused, match="taken by a process"):
        clean.engine.launch(plan, lambda progress: None, NEVER, recheck)
    assert seen == [True]
    assert clean.ids() == before


@pytest.mark.lab
@pytest.mark.soak
def test_twenty_launches_raced_by_two_programs(lab):
    """Free GPUs are handed out once each; the others are told so; nothing is left on the host."""
    host = Host("bravo", ssh_config=str(lab.ssh_config))
    link = Connector().connect(host, lambda question: None)
    engine = connect_engine(host, link, {})
    argv = [sys.executable, "-m", "tests.engines.docker.racer", str(lab.ssh_config), "bravo", "10"]
    racers = [
        subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) for _ in range(2)
    ]
    ids: list[str] = []
    try:
        for racer in racers:
            assert racer.stdout
            assert racer.stdout.readline() == "ready\n"
        for racer in racers:
            assert racer.stdin
            racer.stdin.write("go\n")
            racer.stdin.flush()
        lines = [json.loads(line) for racer in racers for line in racer.communicate(timeout=180)[0].splitlines()]
        won = [line for line in lines if "id" in line]
        ids = [line["id"] for line in won]
        assert [racer.returncode for racer in racers] == [0, 0]
        assert len(won) + sum("lost" in line for line in lines) == 20
        given = Counter(uuid for one in engine.workspaces() if one.status == "running" for uuid in one.gpus)
        mine = Counter(uuid for line in won for uuid in line["gpus"])
        assert mine, lines
        assert set(mine.values()) == {1}
        assert all(given[uuid] == 1 for uuid in mine), given
        assert [one.name for one in engine.workspaces() if one.name.startswith("race-") and one.id not in ids] == []
        assert_free(link)
    finally:
        for racer in racers:
            racer.kill()
            racer.communicate()
        for identity in ids:
            engine.act(identity, "remove", force=True)
        link.close()


@pytest.mark.lab
def test_a_creation_that_outlasts_the_lock_is_looked_at_again(clean, monkeypatch):
    """Somebody may have chosen the same GPU meanwhile: then ours goes."""
    profile = Profile("slow", image=IMAGE, command=("sleep", "infinity"), gpus=GpuWish(count=1))
    plan = clean.engine.plan(profile, Want(), clean.site)
    monkeypatch.setattr(lock, "HOLD", 1.0)
    create, rivals = launch._create, []

    def slow(client, spec):
        made = create(client, spec)
        if not rivals:
            rivals.append(clean.daemon.cli("create", "--gpus", "device=0", "--name", "rival", IMAGE, "true"))
        return made

    monkeypatch.setattr(launch, "_create", slow)
    with pytest.raises(Refused, match="GPU 0: rival"):
        clean.engine.launch(plan, lambda progress: None, NEVER)
    assert [one.name for one in clean.engine.workspaces() if one.name.startswith(("slow", "rival"))] == ["rival"]
    clean.daemon.cli("rm", *rivals)
    clean.engine.launch(plan, lambda progress: None, NEVER)


@pytest.mark.lab
def test_without_a_lock_it_is_said(clean):
    profile = Profile("alone", image=IMAGE, command=("sleep", "infinity"), gpus=GpuWish(count=1))
    plan = replace(clean.engine.plan(profile, Want(), clean.site), python="/no/such/python")
    said: list[str] = []
    clean.engine.launch(plan, lambda progress: said.append(progress.text), NEVER)
    assert any("nothing keeps other launches on here apart" in text for text in said)
