"""Logs through the keeper from engines of different age, with different drivers: a cut, the runs, the outputs."""

import pytest

from tests.lab import faults

pytestmark = pytest.mark.lab
MOST = 100
COUNTING = f"i=0; while [ $i -lt {MOST} ]; do i=$((i+1)); echo $i; echo $i >&2; sleep 0.02; done"
NUMBERS = [str(number) for number in range(1, MOST + 1)]


@pytest.fixture(params=[("alpha", "json-file"), ("bravo", "local")], ids="-".join)
def counting(gpuws, lab, request):
    """A container that counts to both of its outputs, and its engine's own command."""
    host, driver = request.param
    docker = ("with", host, "--", "docker")
    gpuws.run(*docker, "rm", "-f", "counting")
    made = ("run", "-d", "--log-driver", driver, "--name", "counting", "gpuws-lab/workspace:latest")
    gpuws.ok(*docker, *made, "sh", "-c", COUNTING)
    yield host
    gpuws.run(*docker, "rm", "-f", "counting")


def test_a_followed_log_is_whole_although_its_link_was_cut_and_its_runs_are_told_apart(gpuws, counting):
    target = f"{counting}/counting"
    process = gpuws.popen("logs", "-f", target)
    first = [process.stdout.readline().strip() for _ in range(10)]
    faults.drop_connections(counting)
    rest = process.stdout.read().split()
    errors = process.stderr.read()
    assert process.wait(60) == 0, errors
    assert first + rest == NUMBERS
    told = errors.splitlines()
    assert [line for line in told if line.isdigit()] == NUMBERS
    assert any("its log goes on once the host is back" in line for line in told)
    assert any("counting: back after" in line for line in told)
    gpuws.ok("with", counting, "--", "docker", "start", "counting")
    before = gpuws.run("logs", "--previous", target)
    assert (before.stdout.split(), before.stderr.split()) == (NUMBERS, NUMBERS)
    last = gpuws.run("logs", "--previous", "--tail", "4", target)
    assert last.stdout.split() + last.stderr.split() == [*NUMBERS[-2:], *NUMBERS[-2:]]
    assert gpuws.ok("logs", "--tail", "5", target, "alpha/torch-dev").count("counting") > 0
