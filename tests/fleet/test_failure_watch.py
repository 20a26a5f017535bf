"""A container of mine that failed for want of GPU memory: by its log's last lines, and who was on its GPU then."""

import threading
from dataclasses import replace

import pytest

from gpuws.fleet.local.host.failure_watch import FailureWatch
from gpuws.fleet.local.shared.stops import Stops
from gpuws.model.errors import HostError
from gpuws.model.gpu.gpu import GpuProcess
from gpuws.model.text import plain
from tests.factories import GIB, NOW, container, gpu, snapshot

LOG = b"step 1\ntorch.OutOfMemoryError: CUDA out of memory. Tried to allocate 60.00 GiB. GPU 0 has 9\n"
LIVES = container(gpus=("GPU-alpha-0",), started=NOW - 60)
FAILED = replace(LIVES, state="exited", status="exited", reason="exited 1", failed=True, started=None)
CAROL = GpuProcess(5, "carol", "python x.py", 90 * GIB, container="train-bert", container_id="t")


class Log:
    def __init__(self, text):
        self.chunks = [text[:20], text[20:], b""]

    def settimeout(self, seconds):
        pass

    def recv(self, limit=65536):
        return self.chunks.pop(0)

    def close(self):
        pass


@pytest.fixture
def seen(tmp_path):
    class Seen:
        def __init__(self):
            self.path = tmp_path / "stops.json"
            self.stops, self.read, self.found = Stops(self.path), [], threading.Semaphore(0)
            self.log = LOG
            self.watch = FailureWatch(self._read, self.stops, self.found.release)

        def _read(self, identity):
            self.read.append(identity)
            if self.log is None:
                self.found.release()
                raise HostError("gone")
            return Log(self.log)

        def look(self, one, at, *processes):
            shown = snapshot(workspaces=(one,), gpus=(replace(gpu(0), processes=processes),), updated_at=at)
            self.watch.look(shown)
            return shown

        def told(self, shown):
            assert self.found.acquire(timeout=20)
            return self.stops.told(shown).workspaces[0]

    return Seen()


def test_who_held_the_gpu_when_it_failed_and_not_who_holds_it_now(seen):
    seen.look(LIVES, NOW, CAROL)
    shown = seen.look(FAILED, NOW + 2)  # carol left meanwhile
    one = seen.told(shown)
    why = "GPU memory ran out: wanted 60G on GPU 0; on it were 90G of carol (train-bert)"
    assert (one.reason, one.gpu_out_of_memory) == (f"exited 1: {why}", why)
    seen.look(FAILED, NOW + 4)
    assert seen.read == [FAILED.id]  # once
    later = Stops(seen.path).told(shown).workspaces[0]  # another program, later
    assert (later.gpu_out_of_memory, later.reason) == (why, f"exited 1: {why}")


@pytest.mark.parametrize("before", [None, NOW - 300])
def test_who_was_not_watched_is_not_known(seen, before):
    if before is not None:
        seen.look(LIVES, before, CAROL)
    one = seen.told(seen.look(FAILED, NOW, CAROL))
    assert one.gpu_out_of_memory == "GPU memory ran out: wanted 60G; who else was on it then is not known"


@pytest.mark.parametrize(
    "one",
    [
        replace(FAILED, mine=False),
        replace(FAILED, gpus=()),
        replace(FAILED, failed=False),
        replace(FAILED, out_of_memory="killed"),
    ],
)
def test_whose_log_is_not_read(seen, one):
    seen.look(replace(LIVES, mine=one.mine, gpus=one.gpus), NOW)
    seen.look(one, NOW + 2)
    assert seen.read == []


def test_a_log_that_can_not_be_read_or_says_nothing_of_it(seen):
    seen.log = None
    shown = seen.look(FAILED, NOW)
    assert seen.told(shown) == FAILED
    assert not seen.stops.knows(FAILED.id)


def test_one_that_fails_again_is_read_again(seen):
    seen.look(LIVES, NOW, CAROL)
    seen.told(seen.look(FAILED, NOW + 2))
    seen.look(replace(LIVES, started=NOW + 3), NOW + 4)
    one = seen.told(seen.look(FAILED, NOW + 6))
    assert one.gpu_out_of_memory.endswith("nobody else was seen on it")
    assert plain(one.gpu_out_of_memory) == one.gpu_out_of_memory
