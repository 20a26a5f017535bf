"""Logs through the keeper from hosts of the lab: what a cut does to one that is followed."""

import pytest

from tests.lab import faults

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("scene")]
COUNTING = "i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo $i; echo $i >&2; sleep 0.02; done"
NUMBERS = [str(number) for number in range(1, 201)]


@pytest.fixture
def counting(gpuws):
    """A container of alpha that counts to both of its outputs."""
    docker = ("with", "alpha", "--", "docker")
    gpuws.ok(*docker, "run", "-d", "--name", "counting", "gpuws-lab/workspace:latest", "sh", "-c", COUNTING)
    yield "alpha/counting"
    gpuws.run(*docker, "rm", "-f", "counting")


def test_a_followed_log_is_whole_although_its_link_was_cut(gpuws, counting):
    process = gpuws.popen("logs", "-f", counting)
    first = [process.stdout.readline().strip() for _ in range(20)]
    faults.drop_connections("alpha")
    rest = process.stdout.read().split()
    errors = process.stderr.read()
    assert process.wait(60) == 0, errors
    assert first + rest == NUMBERS
    told = errors.splitlines()
    assert [line for line in told if line.isdigit()] == NUMBERS
    assert any("its log goes on once the host is back" in line for line in told)
    assert any("counting: back after" in line for line in told)
    assert gpuws.ok("logs", "--tail", "5", counting, "alpha/torch-dev").count("counting") > 0
