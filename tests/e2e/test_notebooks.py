"""Notebooks on the lab, mine and somebody else's: one that fills a GPU is named, interrupted and ended, and the token
of a server is nowhere but in files that its own user alone reads."""

import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.gpuws import Gpuws, configured, users
from tests.e2e.notebooks import (
    GPU,
    HELD,
    Running,
    Server,
    as_bob,
    as_root,
    as_stranger,
    ended,
    executed,
    files_with,
    holding,
    kept_here,
    logs_of,
    opened,
    remove,
    token_of,
    told_on_the_host,
)
from tests.e2e.test_tunnels import PLAIN, SERVED, answers
from tests.jupyter.test_kernels import CELL, LONG
from tests.keeper.serving import until
from tests.lab import machines

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]
MINE, BOBS, STARTED = (f"{word}-{os.getpid()}" for word in ("mine", "bobs", "started"))


@pytest.fixture(scope="module")
def ada(lab, tmp_path_factory) -> Iterator[Gpuws]:
    """Somebody whose keeper, and the tunnels in it, last as long as this module."""
    hosts = f"hosts: {{alpha: {{}}}}\nlocal: false\nssh_config: {lab.ssh_config}\n"
    user = configured(tmp_path_factory.mktemp("ada"), hosts, [("served", SERVED), ("plain", PLAIN)])
    users.remove(user)
    yield user
    user.stop_keeper()


@pytest.fixture(scope="module")
def mine(ada) -> Iterator[Server]:
    """One that a profile of mine started."""
    try:
        ada.ok("launch", "served", "-H", "alpha", "--name", MINE, timeout=120)
        url = ada.json("jupyter", f"alpha/{MINE}", "--keep", timeout=120)["url"]
        yield Server(MINE, token_of(url))
    finally:
        remove(MINE)


@pytest.fixture(scope="module")
def bobs(lab) -> Iterator[Server]:
    """One that bob started by hand: it says its token in its log."""
    serve = ["jupyter", "server", "--ip=0.0.0.0", "--no-browser", "--allow-root"]
    made = ["docker", "run", "-d", "--name", BOBS, "--label", "gpuws.owner=bob", "gpuws-lab/workspace:latest", *serve]
    try:
        machines.run("alpha", made)
        until(lambda: "token=" in logs_of(BOBS), "the token in the log", 90)
        yield Server(BOBS, logs_of(BOBS).partition("token=")[2][:48])
    finally:
        remove(BOBS)


@pytest.fixture
def started(ada) -> Iterator[str]:
    """A container of mine in which no server runs."""
    try:
        ada.ok("launch", "plain", "-H", "alpha", "--name", STARTED, timeout=120)
        yield f"alpha/{STARTED}"
    finally:
        remove(STARTED)


def listed(ada: Gpuws, kernel: Running) -> dict[str, object]:
    """Its row of the listing; empty where there is none."""
    rows = ada.json("kernels", "ls", "alpha")["kernels"]
    return next((row for row in rows if row["kernel"] == kernel.id), {})


def until_listed(ada: Gpuws, kernel: Running, **told: object) -> None:
    """Until its row says all that; what GPUs hold is read on a clock of its own."""
    until(lambda: told.items() <= listed(ada, kernel).items(), told, 30)


def until_freed(ada: Gpuws, kernel: Running) -> None:
    """Its process has ended already, and the driver has said so."""
    until(lambda: not listed(ada, kernel) and "ipynb" not in ada.ok("gpus", "alpha"), "its end in the listings", 30)


def refused(ada: Gpuws, *words: str) -> str:
    done = ada.run(*words)
    assert (done.returncode, done.stdout) == (5, ""), done
    return done.stderr


def test_a_notebook_that_fills_a_gpu_is_named_its_cell_interrupted_and_its_memory_freed(ada, mine):
    kernel = opened(mine, "big.ipynb")
    with holding(kernel), ada.popen("exec", mine.target, "--", "python3", "-c", CELL, kernel.file, LONG) as page:
        try:
            assert [page.stdout.readline() for _ in range(2)] == ["ready\n", "runs\n"]
            held = {"notebook": "big.ipynb", "gpu_memory_bytes": HELD, "gpus": [GPU], "mine": True}
            until_listed(ada, kernel, state="busy", **held)
            assert f"{MINE} ▸ big.ipynb" in ada.ok("gpus", "alpha")
            with ada.terminal(columns=160) as screen:
                screen.wait_for(r"big\.ipynb", timeout=30)
                screen.press("J")
                screen.wait_for(r"big\.ipynb.*60G", timeout=30)
                assert mine.token.encode() not in screen.raw
            ada.ok("kernels", "interrupt", "--yes", f"{mine.target}:big")
            assert page.stdout.readline() == "KeyboardInterrupt\n"
        finally:
            page.kill()
        until_listed(ada, kernel, state="idle", **held)
        assert "nothing to shut down" in ada.run("kernels", "shutdown", "--idle", "6h", "--yes").stderr
        assert not ended(kernel)
        assert ada.ok("kernels", "shutdown", "--idle", "0s", "--yes") == f"{mine.target}:big.ipynb\n"
        until(lambda: ended(kernel), "the end of its process", 30)
    until_freed(ada, kernel)


@pytest.mark.soak
def test_a_kernel_that_is_not_mine_ends_only_by_its_name_and_with_its_token_at_hand(ada, bobs):
    kernel = opened(bobs, "theirs.ipynb")
    since, short = time.time(), kernel.id[:8]
    with holding(kernel):
        until_listed(ada, kernel, notebook=None, gpu_memory_bytes=HELD, owner="bob", mine=False)
        named = ("--yes-not-mine", short, f"{bobs.target}:{short}")
        assert "whose token is at hand" in refused(ada, "kernels", "shutdown", *named)
        assert f"--yes-not-mine {BOBS}" in refused(ada, "jupyter", bobs.target, "--keep")
        url = ada.json("jupyter", bobs.target, "--keep", "--yes-not-mine", BOBS)["url"]
        assert token_of(url) == bobs.token
        until_listed(ada, kernel, notebook="theirs.ipynb", gpu_memory_bytes=HELD, owner="bob", mine=False)
        word = ada.run("kernels", "message", f"{bobs.target}:theirs")
        assert word.stdout.startswith(f"Hello bob, your notebook theirs.ipynb in {bobs.target}")
        assert "write bob" in word.stderr
        assert "nothing to shut down" in ada.run("kernels", "shutdown", "--idle", "0s", "--yes").stderr
        assert "--yes-not-mine theirs.ipynb" in refused(ada, "kernels", "shutdown", "--yes", f"{bobs.target}:theirs")
        assert not ended(kernel)
        ada.ok("kernels", "shutdown", f"{bobs.target}:theirs", "--yes-not-mine", "theirs.ipynb")
        until(lambda: ended(kernel), "the end of its process", 30)
    until_freed(ada, kernel)
    assert not executed(BOBS, since)


@pytest.mark.soak
def test_on_a_read_only_host_nothing_is_executed(ada, mine):
    kernel = opened(mine, "looked-at.ipynb")
    ada.ok("keeper", "stop", "--keep-tunnels")  # it may execute
    since = time.time()
    with holding(kernel):
        rows = json.loads(ada.ok("--readonly", "kernels", "ls", "alpha", "--json"))["kernels"]
        assert kernel.id in [row["kernel"] for row in rows]
        for act in ("interrupt", "restart", "shutdown"):
            assert "read-only" in refused(ada, "--readonly", "kernels", act, "--yes", f"{mine.target}:{kernel.id[:8]}")
        assert not ended(kernel)
        assert not executed(MINE, since)
        ada.ok("kernels", "shutdown", "--yes", f"{mine.target}:looked-at")
        until(lambda: ended(kernel), "the end of its process", 30)


def said_here(ada: Gpuws, server: Server, *more: list[str]) -> Iterator[tuple[str, str]]:
    """What gpuws prints without being asked for the token, also where it fails."""
    asked = (
        ("logs", server.target),
        ("inspect", server.target, "--json"),
        ("kernels", "ls", "--json"),
        ("tunnels",),
        ("jupyter", f"{server.target}:9", "--keep"),
        *more,
    )
    with ThreadPoolExecutor(4) as pool:
        for words, done in zip(asked, pool.map(lambda words: ada.run(*words), asked), strict=True):
            assert "Traceback" not in done.stderr
            yield " ".join(words), done.stdout + done.stderr


def places(server: Server, *told: tuple[str, str]) -> list[str]:
    return [where for where, text in told if server.token in text]


def test_a_token_is_in_no_list_no_log_no_process_and_in_no_file_that_others_read(ada, mine):
    assert files_with(mine.token, as_root(MINE))  # it is found where it belongs
    assert files_with(mine.token, as_stranger(MINE)) == []
    assert files_with(mine.token, as_bob) == []
    assert places(mine, *told_on_the_host(MINE), *said_here(ada, mine), *kept_here(ada.home)) == []


@pytest.mark.soak
def test_a_token_that_its_server_has_printed_is_masked(ada, bobs):
    assert f"token={bobs.token}" in logs_of(BOBS)
    said = dict(said_here(ada, bobs))
    assert "token=***" in said[f"logs {bobs.target}"]
    assert places(bobs, *said.items(), *kept_here(ada.home)) == []


@pytest.mark.soak
def test_one_that_is_started_by_word_has_its_own_and_is_ended_and_started_again(ada, started):
    url = ada.json("jupyter", started, "--start", "--keep", timeout=120)["url"]
    assert answers(url)
    server = Server(STARTED, token_of(url))
    assert "Jupyter Server" in ada.ok("jupyter", started, "--log")
    assert files_with(server.token, as_root(STARTED))
    assert files_with(server.token, as_stranger(STARTED)) == []
    assert files_with(server.token, as_bob) == []
    back = ada.ok("exec", started, "--", "tmux", "capture-pane", "-p", "-S", "-", "-t", "jupyter:")
    assert "Jupyter Server" in back
    more = ("ps -a --json", "gpus --json", f"ports {started} --json", "tasks --json", f"profiles capture {started}")
    more += (f"jupyter {started} --log", f"kernels interrupt {started}:nope", "keeper log", "doctor alpha")
    said = said_here(ada, server, *(words.split() for words in more))
    assert places(server, ("scrollback", back), *told_on_the_host(STARTED), *said, *kept_here(ada.home)) == []
    ada.ok("jupyter", started, "--stop", "--yes")
    assert ada.run("jupyter", started, "--stop", "--yes").returncode == 4
    again = ada.json("jupyter", started, "--start", "--keep", timeout=120)["url"]
    assert token_of(again) != server.token
    assert answers(again)


@pytest.mark.soak
def test_of_several_a_port_chooses_wherever_their_records_are(ada, started):
    serve = "export HOME=/tmp/{0}; mkdir -p $HOME; exec jupyter lab --no-browser --port {0} --ip {1} {2}"
    for port, ip, more in ((8888, "0.0.0.0", ""), (8890, "127.0.0.1", "--ServerApp.base_url=/x/")):
        words = f"export JUPYTER_RUNTIME_DIR=/tmp/elsewhere{port}; {serve.format(port, ip, more)}"
        ada.ok("tmux", "new", f"{started}:s{port}", "--", "sh", "-c", words)
    deadline = time.monotonic() + 60
    while "port 8888, port 8890" not in (said := ada.run("jupyter", started, "--keep").stderr):
        assert time.monotonic() < deadline, said
        time.sleep(0.5)
    url = ada.json("jupyter", f"{started}:8890", "--keep")["url"]
    assert "/x/lab?token=" in url
    assert answers(url)
    assert ada.run("jupyter", f"{started}:8891", "--keep").returncode == 4
