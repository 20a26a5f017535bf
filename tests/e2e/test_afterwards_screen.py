"""By keys in a real terminal: launched although a check failed, made again, kept as a profile, cloned elsewhere."""

import pytest

from tests.e2e.test_screen import go_to, selected
from tests.lab import docker_api

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]
NAME = "brink-alice"
PROFILE = """\
description: wants more GPUs than are free
image: gpuws-lab/workspace:latest
pull_policy: never
gpus: 2
command: [sleep, infinity]
mem_limit: 200m
"""


@pytest.fixture
def screen(gpuws):
    (gpuws.config / "profiles" / "brink.yaml").write_text(PROFILE)
    with gpuws.terminal(columns=80, rows=24) as screen:
        screen.wait_for("torch-dev")
        screen.wait_for("no NVIDIA driver|charlie")
        yield screen
    for host in ("alpha", "bravo"):
        gpuws.run("rm", "-f", "--yes", f"{host}/{NAME}")


def choose(screen, word, offered):
    """In the list of choices that has the focus; `offered`: what shows that it is open."""
    screen.press("enter")
    screen.wait_for(offered)
    screen.send(word)
    screen.press("enter")


def command(screen, words):
    """By the palette, of what the cursor is on."""
    screen.press(":")
    screen.wait_for("a few letters of what to do")
    screen.send(words)
    screen.wait_for(f"{words} {NAME}")
    screen.press("enter")


def identity(host):
    found = docker_api.call(host, "GET", f"/containers/{NAME}/json")
    return found["Id"] if found and found["State"]["Running"] else None


def test_launched_by_force_made_again_kept_and_cloned(screen, gpuws):
    screen.press("g")
    screen.wait_for(lambda _: selected(screen).startswith("▌● alpha"))
    screen.press("n")
    screen.wait_for(r"Profile +\S")
    choose(screen, "brink", "brink  wants more")
    screen.wait_for(r"✗ 1 problem: gpus   ctrl\+g launches all the same")
    screen.press("ctrl+l")
    screen.wait_for("not launched: a row is ✗")
    screen.press("ctrl+g")
    screen.wait_for(rf"Launch {NAME} on alpha although 1 check failed\?")
    screen.press("y")
    screen.wait_for(lambda _: identity("alpha") is not None, timeout=30)
    first = identity("alpha")

    screen.wait_for(f"{NAME} is up on alpha")
    screen.wait_for(r" 3 .*brink")
    go_to(screen, r"▌ +3 .*brink")
    command(screen, "Recreate")
    assert "container, created" not in screen.wait_for(rf"Recreate {NAME} on alpha\?(.|\n)*your container")
    screen.press("y", "enter")
    screen.wait_for(lambda _: identity("alpha") not in (None, first), timeout=30)
    screen.wait_for("is made again")

    screen.wait_for(lambda _: "brink" in selected(screen))
    command(screen, "Capture")
    screen.wait_for(r"gpus: 1(.|\n)*mem_limit: 200m")
    screen.press("enter")
    screen.wait_for("written:")
    assert "mem_limit: 200m" in (gpuws.config / "profiles" / f"{NAME}.yaml").read_text()

    command(screen, "Clone")
    screen.wait_for("alpha/brink-alice")
    choose(screen, "bravo", "best of(.|\\n)*best of(.|\\n)*bravo")
    screen.wait_for(rf"{NAME} on bravo(.|\n)*ready")
    screen.press("ctrl+l")
    screen.wait_for(lambda _: identity("bravo") is not None, timeout=30)
