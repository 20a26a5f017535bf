"""What containers take, by their control groups: held against their engine's own figures, their caps and the kernel's
counts, on both engines at once."""

import pytest

from tests.keeper.serving import until
from tests.lab import docker_api

pytestmark = [pytest.mark.lab, pytest.mark.soak, pytest.mark.usefixtures("scene")]
HOSTS = ("alpha", "bravo")
CAP = 96 << 20
FAILS = (
    "sleep 8; echo 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 60.00 GiB. GPU 0 has a total capacity"
    " of 79.15 GiB of which 1.20 GiB is free.' >&2; exit 1"
)
WORKS = "kept = b'a' * (48 << 20)\nwhile True: pass"
EATS = "x = bytearray(400 << 20)"


@pytest.fixture
def boxes():
    """On each host one that takes memory and a processor, and one in the host's network."""
    made = [(host, name) for host in HOSTS for name in ("taking", "hostnet")]
    for host, name in made:
        shared = name == "hostnet"
        body = {
            "Image": "gpuws-lab/workspace:latest", "Entrypoint": [],
            "Cmd": ["sleep", "600"] if shared else ["python3", "-c", WORKS],
            "HostConfig": {"Memory": CAP, "MemorySwap": CAP, "NetworkMode": "host" if shared else "bridge"},
        }  # fmt: skip
        docker_api.call(host, "POST", "/containers/create", query={"name": name}, body=body)
        docker_api.call(host, "POST", f"/containers/{name}/start")
    yield
    for host, name in made:
        docker_api.call(host, "DELETE", f"/containers/{name}", query={"force": True})


def rows(gpuws):
    told = gpuws.json("ps", *HOSTS, "--filter", "name=taking,name=hostnet")["containers"]
    return {(one["host"], one["name"]): one for one in told}


def by_its_engine(host, name):
    """As `docker stats` says it."""
    memory = docker_api.call(host, "GET", f"/containers/{name}/stats", query={"stream": False})["memory_stats"]
    return memory["usage"] - memory["stats"].get("total_inactive_file", memory["stats"].get("inactive_file"))


def test_figures_are_the_engines_and_killed_programs_are_told_unheard(gpuws, boxes):
    def known():
        found = rows(gpuws)
        return found if all(found.get((host, "taking"), {}).get("cpu_percent") for host in HOSTS) else None

    until(known, "figures of both", 30)
    for (host, name), one in rows(gpuws).items():
        assert one["memory_limit_bytes"] == CAP
        if name == "taking":
            assert one["memory_used_bytes"] == pytest.approx(by_its_engine(host, name), rel=0.05)
            assert one["memory_used_bytes"] > 48 << 20
            assert 2 < one["cpu_percent"] < 130  # as much of a processor as the machine leaves it
        own_cards = name == "taking"
        assert (one["network_received_bytes_per_second"] is not None) == own_cards
        assert one["disk_read_bytes_per_second"] is not None
        assert one["oom_kills"] is None
    assert "/96M" in gpuws.ok("ps", *HOSTS, "--filter", "name=taking")
    assert " of 96M" in gpuws.ok("describe", "alpha/taking")

    gpuws.stop_keeper()
    for host in HOSTS:  # nobody goes on listening to its engine
        eaten = gpuws.alone.run("exec", "--yes-not-mine", "hostnet", f"{host}/hostnet", "--", "python3", "-c", EATS)
        assert eaten.returncode == 137
    for one in rows(gpuws.alone).values():
        unheard = one["name"] == "hostnet"
        assert (one["out_of_memory"], one["oom_kills"]) == (("inside", 1) if unheard else (None, None))


def test_gpu_memory_that_ran_out_in_one_of_mine_says_so_once_it_failed(gpuws):
    """By the whole way: the engine's list, its log, the reading of GPUs before; and another program reads it later."""
    gpuws.ok("launch", "lab", "-H", "alpha", "--name", "fails", "--detach", "--", "sh", "-c", FAILS, timeout=90)
    try:

        def failed(one):
            told = one.json("ps", "alpha", "-a", "--filter", "name=fails")["containers"]
            return told[0]["gpu_out_of_memory"] if told else None

        until(lambda: failed(gpuws), "the reason", 40)
        said = failed(gpuws)
        assert said.startswith("GPU memory ran out: wanted 60G on GPU ")
        assert said.endswith("1.2G free; nobody else was seen on it")
        gpuws.stop_keeper()
        assert failed(gpuws.alone) == said
        assert said in gpuws.alone.ok("describe", "alpha/fails")
    finally:
        gpuws.alone.run("rm", "-f", "--yes", "alpha/fails")
