"""Logs through the keeper from engines of different age, with different drivers: a cut, the runs, the outputs."""

import pytest

from tests.lab import docker_api, faults

pytestmark = pytest.mark.lab
ENGINES = {"alpha": "json-file", "bravo": "local"}
MOST = 100
COUNTING = f"""i=0; sleep 0.5  # a busy engine writes a start down late, and what comes before is the other run's
while [ $i -lt {MOST} ]; do
  i=$((i+1)); echo $i; echo $i >&2
  [ $i != 20 ] || until [ -e /tmp/go ]; do sleep 0.05; done
done"""
NUMBERS = [str(number) for number in range(1, MOST + 1)]
NAME = "counting"


@pytest.fixture
def counting(lab):
    """A container on each engine that counts to both of its outputs; begins to, in another run, when it is called. In
    the first it waits at 20."""
    for host, driver in ENGINES.items():
        remove(host)
        spec = {
            "Image": "gpuws-lab/workspace:latest", "Cmd": ["sh", "-c", COUNTING],
            "HostConfig": {"LogConfig": {"Type": driver}},
        }  # fmt: skip
        docker_api.call(host, "POST", "/containers/create", query={"name": NAME}, body=spec)
    yield lambda host: docker_api.call(host, "POST", f"/containers/{NAME}/start")
    for host in ENGINES:
        remove(host)


def remove(host):
    docker_api.call(host, "DELETE", f"/containers/{NAME}", query={"force": "1"})


def go_on(host):
    program = docker_api.call(host, "POST", f"/containers/{NAME}/exec", body={"Cmd": ["touch", "/tmp/go"]})
    docker_api.call(host, "POST", f"/exec/{program['Id']}/start", body={"Detach": True})


def test_a_followed_log_is_whole_although_its_link_was_cut_and_its_runs_are_told_apart(gpuws, counting):
    for host in ENGINES:
        counting(host)
    reading = {host: gpuws.popen("logs", "-f", f"{host}/{NAME}") for host in ENGINES}
    first = {host: [one.stdout.readline().strip() for _ in range(10)] for host, one in reading.items()}
    for host in ENGINES:
        faults.drop_connections(host)
        go_on(host)
    for host, process in reading.items():
        rest, errors = process.stdout.read(), process.stderr.read()
        assert process.wait(60) == 0, errors
        assert first[host] + rest.split() == NUMBERS
        told = errors.splitlines()
        assert [line for line in told if line.isdigit()] == NUMBERS
        assert any("its log goes on once the host is back" in line for line in told)
        assert any(f"{NAME}: back after" in line for line in told)
        counting(host)
        before = gpuws.run("logs", "--previous", f"{host}/{NAME}")
        assert (before.stdout.split(), before.stderr.split()) == (NUMBERS, NUMBERS)
        last = gpuws.run("logs", "--previous", "--tail", "4", f"{host}/{NAME}")
        shown = last.stdout.split() + last.stderr.split()
        assert (len(shown), str(MOST) in shown) == (4, True), shown
    both = gpuws.run("logs", "--tail", "5", *(f"{host}/{NAME}" for host in ENGINES))
    names = [line.split()[0] for line in (both.stdout + both.stderr).splitlines()]
    assert sorted(names) == [f"{host}/{NAME}" for host in ENGINES for _ in range(5)], both
