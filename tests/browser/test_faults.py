"""One page of JupyterLab goes on after each fault: soon after its end a cell runs again in the same tab.

Where only the way there was cut, the page is not touched and its kernel has what it had. Where the server is another,
JupyterLab wants its new token: the address that `gpuws jupyter` says then is opened in the same tab."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import signal
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser.notebook_page import NotebookPage, tab
from tests.e2e.gpuws import Gpuws, configured, users
from tests.keeper.process import User
from tests.keeper.serving import until
from tests.lab import docker_api, faults

pytestmark = [pytest.mark.lab, pytest.mark.soak, pytest.mark.alone, pytest.mark.timeout(300)]
HOST = "alpha"
NAME = "goes-on"
TARGET = f"{HOST}/{NAME}"
PORT, MOVED = 8888, 8890
PROMISE = 5.0
"""Seconds after the end of a fault until the server answers behind its address."""
GIVEN_UP = 60.0
"""Seconds after which a link that is silent has surely been given up."""
LAB_TAKES = 20.0
"""Seconds until a cell has run: JupyterLab needs three of its own to be with its kernel again, more to load anew."""
LISTENS = """
import socket, sys, time
while True:
    try:
        socket.create_connection((sys.argv[1], int(sys.argv[2])), 5).close()
        break
    except OSError:
        time.sleep(0.05)
print(time.time())
"""
MARKS = itertools.count()
"""What is looked for below a cell was not there before."""
PROFILE = """\
image: gpuws-lab/workspace:latest
pull_policy: never
gpus: none
mem_limit: 1g
jupyter: {port: 8888, start: true, token: auto}
"""


@dataclass(frozen=True)
class Working:
    """Somebody at a notebook."""

    user: Gpuws
    page: NotebookPage

    @property
    def keeper(self) -> User:
        return User(self.user.home)

    def url(self) -> str:
        """The address of the server that is there now."""
        return self.user.json("jupyter", TARGET, "--keep", timeout=90)["url"]

    def found(self) -> str | None:
        """Its address, once it is there."""
        done = self.user.run("jupyter", TARGET, "--keep", "--json", timeout=90)
        return json.loads(done.stdout)["url"] if done.returncode == 0 else None

    def begin(self, url: str) -> None:
        """With a notebook whose kernel remembers something."""
        self.page.open(url)
        self.page.have_notebook()
        mark = next(MARKS)
        self.page.run(f"n = 41; print(n, 'at first {mark}')", f"41 at first {mark}")
        self.page.save()

    def goes_on(self) -> float:
        """How long until a cell ran that needs what the kernel had."""
        mark = next(MARKS)
        return self.page.run(f"print(n + 1, 'again {mark}')", f"42 again {mark}")


@pytest.fixture(scope="module")
def user(lab, tmp_path_factory):
    hosts = f"hosts: {{{HOST}: {{}}}}\nlocal: false\nssh_config: {lab.ssh_config}\n"
    ada = configured(tmp_path_factory.mktemp("ada"), hosts, [("served", PROFILE)])
    try:
        ada.ok("launch", "served", "-H", HOST, "--name", NAME, timeout=120)
        yield ada
    finally:
        ada.run("rm", "-f", "--yes", TARGET)
        users.remove(ada)
        ada.stop_keeper()


@pytest.fixture(scope="module")
def working(browser, user):
    with tab(browser) as page:
        working = Working(user, page)
        working.begin(working.url())
        yield working


# only the way there is cut


@contextlib.contextmanager
def cut_and_refused(_working):
    """Every connection ends, and nothing listens where sshd was."""
    faults.kill_sshd(HOST)
    try:
        yield
    finally:
        faults.start_sshd(HOST)


@contextlib.contextmanager
def black_hole(_working):
    faults.black_hole(HOST)
    try:
        yield
    finally:
        faults.let_through(HOST)


@contextlib.contextmanager
def paused(_working):
    faults.pause(HOST)
    try:
        yield
    finally:
        faults.unpause(HOST)


@contextlib.contextmanager
def asleep(working):
    """The workstation; meanwhile the host gave its connections up."""
    pid = working.keeper.one()
    os.kill(pid, signal.SIGSTOP)
    try:
        faults.drop_connections(HOST)
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def keeper_killed(working):
    working.keeper.kill()


def rebooted(working):
    """The workstation: what lay in the runtime directory is gone, too."""
    working.keeper.kill()
    runtime = Path(working.user.env["XDG_RUNTIME_DIR"])
    shutil.rmtree(runtime)
    runtime.mkdir(mode=0o700)


CUTS = [
    (cut_and_refused, 60.0),
    (black_hole, 60.0),
    (paused, 8.0),
    (cut_and_refused, 0.0),  # as when sshd is restarted
    (asleep, 8.0),
]


@pytest.mark.parametrize(("fault", "seconds"), CUTS)
def test_the_page_that_is_open_goes_on_by_itself_with_its_kernel(working, fault, seconds):
    url = working.url()
    with fault(working):
        time.sleep(seconds)
        if seconds >= GIVEN_UP:
            (tunnel,) = working.user.json("tunnels")["tunnels"]
            assert tunnel["state"] == "waiting"
    answered = answers(url)
    took = answered + working.goes_on()
    assert answered < PROMISE
    assert took < LAB_TAKES


@pytest.mark.parametrize("fault", [keeper_killed, rebooted])
def test_with_the_next_command_the_page_is_there_again_with_its_kernel(working, fault):
    """Loaded again: JupyterLab that was refused waits 10 to 30 seconds before it asks for its kernel again."""
    url = working.url()
    fault(working)
    began = time.monotonic()
    working.user.ok("tunnels")
    answers(url)
    answered = time.monotonic() - began
    working.page.load_again()
    working.goes_on()
    took = time.monotonic() - began
    assert answered < PROMISE
    assert took < LAB_TAKES


# the server is another


def container_restarted(user):
    user.ok("restart", "--yes", TARGET)


def removed_and_launched_again(user):
    user.ok("rm", "-f", "--yes", TARGET)
    user.ok("launch", "served", "-H", HOST, "--name", NAME)


def recreated(user):
    user.ok("recreate", "--yes", TARGET, timeout=120)


def on_another_port(user):
    user.ok("jupyter", TARGET, "--stop", "--yes")
    user.ok("tmux", "new", f"{TARGET}:server", "--", "sh", "-c", f"exec jupyter lab --ip 0.0.0.0 --port {MOVED}")


@pytest.mark.parametrize(
    ("fault", "port"),
    [(container_restarted, PORT), (removed_and_launched_again, PORT), (recreated, PORT), (on_another_port, MOVED)],
)
def test_another_server_is_there_in_the_same_tab_on_the_same_address(working, fault, port):
    before = working.url()
    fault(working.user)
    with ThreadPoolExecutor() as pool:
        served = pool.submit(listens_since, port)
        now = until(working.found, "the server", 60)
    answers(now)
    answered = time.time() - served.result()
    working.begin(now)
    took = time.time() - served.result()
    assert (now.partition("?")[0], now == before) == (before.partition("?")[0], False)
    assert answered < PROMISE
    assert took < LAB_TAKES


def listens_since(port):
    """When the server itself took a connection, asked on its host."""
    address = docker_api.call(HOST, "GET", f"/containers/{NAME}/json")["NetworkSettings"]["IPAddress"]
    return float(faults.run(HOST, ["python3", "-c", LISTENS, address, str(port)]).stdout)


def answers(url):
    """How long until the server behind an address took its token."""
    base, _, query = url.partition("/lab")
    began = time.monotonic()
    while True:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{base}/api/status{query}", timeout=60):
            return time.monotonic() - began
        assert time.monotonic() - began < 60
        time.sleep(0.1)
