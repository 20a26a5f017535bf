"""The whole road by keys in a real terminal: see, launch, attach and come back, open a tunnel, stop, remove."""

import re

import pytest

from tests.e2e.gpuws import status_behind
from tests.lab import docker_api

NAMED = 12  # characters of a row that say what it is of; figures come later
pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("scene"), pytest.mark.timeout(240)]


@pytest.fixture(params=[pytest.param((140, 42), marks=pytest.mark.soak), (80, 24)], ids=["wide", "80x24"])
def screen(request, gpuws):
    columns, rows = request.param
    with gpuws.terminal(columns=columns, rows=rows) as screen:
        screen.wait_for("torch-dev")
        screen.wait_for("bravo 8×H100")  # and its rows, which the cursor is to pass
        screen.wait_for("charlie +no NVIDIA driver")
        yield screen
    gpuws.run("rm", "-f", "--yes", "bravo/road")


def go_to(screen, wanted: str, key: str = "j", most: int = 40) -> None:
    """Press `key` until the cursor's row matches."""
    row = cursor(screen)
    for _ in range(most):
        if re.search(wanted, row):
            return
        screen.press(key)
        row = cursor(screen, besides=row)
    raise AssertionError(f"never came to {wanted!r}; the screen shows:\n{screen.text}")


def cursor(screen, besides: str = "") -> str:
    """The cursor's row, once it is another thing's than `besides`; read while the screen stands still."""
    rows = []

    def come(_) -> bool:
        rows.append(selected(screen))
        return rows[-1][:NAMED] not in ("", besides[:NAMED])

    screen.wait_for(come)
    return rows[-1]


def selected(screen) -> str:
    """The row that carries the cursor's mark; nothing in the middle of a repaint, when two or none do."""
    marked = [line for line in screen.screen.display if line.startswith("▌")]  # its figures may change any moment
    return marked[0] if len(marked) == 1 else ""


def state(name: str) -> str | None:
    found = docker_api.call("bravo", "GET", f"/containers/{name}/json")
    return found["State"]["Status"] if found else None


def test_the_whole_road(screen):
    # see
    screen.press("g")
    screen.wait_for(lambda _: selected(screen).startswith("▌● alpha"))
    go_to(screen, "bravo")
    go_to(screen, r"▌ +3 ")
    screen.wait_for(lambda _: "free" in selected(screen))

    # launch on the selected host
    screen.press("n")
    screen.wait_for("docker run")
    screen.wait_for("ready")
    screen.click("lab-alice")  # the name gpuws chose, in its field
    screen.send("road")
    screen.wait_for(r"--name road")
    screen.wait_for("ready")
    screen.press("ctrl+l")
    screen.wait_for(lambda text: "docker run" not in text)
    screen.wait_for(lambda _: state("road") == "running", timeout=30)
    screen.wait_for(r"road is\s+up")  # a GPU is held from the moment its container was made
    screen.wait_for(r"3 .*road")

    # attach, and come back to the same row
    screen.wait_for(lambda _: re.search(r"▌ +3 .*road", selected(screen)) is not None)
    screen.press("a")
    screen.wait_for(r"\[main\]")
    screen.send("echo $((6*7))-inside\r")
    screen.wait_for("42-inside")
    screen.press("ctrl+b", "d")
    screen.wait_for(r"HOST / GPU|HOST")
    screen.wait_for(lambda _: re.search(r"▌ +3 .*road", selected(screen)) is not None)

    # a tunnel to its notebook server, which wants the token
    screen.press("f")
    screen.wait_for("(?i)tunnel")
    screen.press("n")
    screen.wait_for("bravo/road:8888")  # its notebook's port is offered
    screen.press("enter")
    screen.wait_for(lambda text: "New tunnel" not in text)  # the panel behind it may show the tunnel before
    text = screen.wait_for(r"bravo/road:8888\s+\D*(\d{5})|127\.0\.0\.1:(\d{5})")
    found = re.search(r"127\.0\.0\.1:(\d{5})|bravo/road:8888\s+\D*(\d{5})", text)
    port = found[1] or found[2]
    assert status_behind(port) == 403
    screen.press("escape")
    screen.wait_for(lambda text: "close it" not in text)  # the dialog is gone; events tell of the tunnel still

    # stop asks, Cancel has the focus; remove
    screen.wait_for(lambda _: re.search(r"▌ +3 .*road", selected(screen)) is not None)
    screen.press("S")
    screen.wait_for(r"Stop road on bravo\?")
    screen.wait_for("docker stop")
    screen.press("enter")
    screen.wait_for(lambda text: "Stop road on bravo?" not in text)
    assert state("road") == "running"
    screen.press("S")
    screen.wait_for(r"Stop road on bravo\?")
    screen.press("y")
    screen.wait_for(lambda _: state("road") == "exited", timeout=30)
    screen.wait_for(lambda _: "free" in selected(screen))

    screen.press("q")
    assert screen.wait_exit(20) == 0
