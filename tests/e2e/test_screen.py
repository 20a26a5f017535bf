"""The whole road by keys in a real terminal: see, launch, attach and come back, open a tunnel, stop."""

import json
import re
import urllib.error
import urllib.request

import pytest

from tests.lab import docker_api

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("scene")]


@pytest.fixture
def screen(gpuws):
    with gpuws.terminal(columns=140, rows=42) as screen:
        screen.wait_for("torch-dev")
        yield screen
        screen.press("q")
    gpuws.run("rm", "-f", "--yes", "bravo/road")


def test_the_whole_road(screen, gpuws):
    screen.wait_for("eval")
    for word in ("alpha", "bravo", "charlie", "A100", "H100", "free", "bob"):
        screen.wait_for(word)

    # launch: the form, the plan, the container
    screen.press("n")
    screen.wait_for(r"docker run")
