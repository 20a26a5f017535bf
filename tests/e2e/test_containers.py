"""Containers of both engines at once: held still, measured, told in full, renamed, pruned; through the keeper."""

import json

import pytest

from tests.e2e.test_workspace import inspect

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("scene")]
HOSTS = ("alpha", "bravo")


@pytest.fixture
def boxes(gpuws):
    """A container of mine on each host, with a command of its own; named by target."""
    for host in HOSTS:
        gpuws.ok("launch", "lab", "-H", host, "--name", "box", "--gpus", "none", "--", "sleep", "300", timeout=90)
    yield [f"{host}/box" for host in HOSTS]
    for host in HOSTS:
        for name in ("box", "older"):
            gpuws.run("rm", "-f", "--yes", f"{host}/{name}")


def rows(gpuws, *words):
    told = gpuws.json("ps", *HOSTS, "-a", "--filter", "name=box,name=older", *words)["containers"]
    return {f"{one['host']}/{one['name']}": one for one in told}


def test_from_their_command_to_their_end(gpuws, boxes):
    assert all(inspect(host, "box")["Config"]["Cmd"][-2:] == ["sleep", "300"] for host in HOSTS)
    held = gpuws.json("pause", "--yes", *boxes)
    assert (held["action"], [one["done"] for one in held["containers"]]) == ("pause", [True, True])
    assert {one["state"] for one in rows(gpuws).values()} == {"paused"}
    again = gpuws.run("pause", "--yes", *boxes)
    assert (again.returncode, "paused 0 of 2" in again.stderr) == (1, True)
    assert gpuws.ok("unpause", "--yes", *boxes).split() == boxes

    taken = rows(gpuws, "--usage")
    assert [one["cpu_percent"] is not None for one in taken.values()] == [True, True]
    assert all(0 < one["memory_used_bytes"] < 2 << 30 for one in taken.values())
    assert all(one["started"] and one["restarts"] == 0 for one in taken.values())
    page = gpuws.ok("describe", "alpha/box")
    assert all(word in page for word in ("pause", "unpause", "→ /workspace", "SECRET_OF_MINE=***", " of 2.0G"))
    assert "hunter2" not in page

    assert gpuws.ok("rename", "--yes", "alpha/box", "older") == "alpha/older\n"
    gpuws.ok("kill", "--yes", "alpha/older", "bravo/box")
    meant = gpuws.run("prune", "alpha", "--filter", "older", "--dry-run")
    assert meant.stdout == "ssh alpha 'docker rm older'\n"
    pruned = json.loads(gpuws.ok("prune", "alpha", "--filter", "older", "--yes", "--json"))
    assert [(one["name"], one["done"]) for one in pruned["containers"]] == [("older", True)]
    assert inspect("alpha", "older") is None
    assert [*rows(gpuws)] == ["bravo/box"]
