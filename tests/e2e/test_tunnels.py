"""A notebook behind a tunnel is there again on the same local port, with the token that its server has now."""

import json
import os
import time
import urllib.request
from http.client import HTTPException

import pytest

from tests.e2e.gpuws import configured
from tests.keeper.serving import until
from tests.lab import docker_api, machines

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]
NAME = f"notebooks-{os.getpid()}"
SERVED = """\
image: gpuws-lab/workspace:latest
pull_policy: never
gpus: none
mem_limit: 1g
jupyter: {port: 8888, start: true, token: auto}
"""
RESTARTED = SERVED.replace("start: true,", "start: true, restart: on-failure,")
PLAIN = "image: gpuws-lab/workspace:latest\npull_policy: never\ngpus: none\nmem_limit: 1g\ncommand: [sleep, infinity]\n"
SERVER = "JUPYTER_TOKEN={token} exec jupyter lab --ip 0.0.0.0 --port {port} --no-browser"


@pytest.fixture
def ada(lab, tmp_path):
    hosts = f"hosts: {{alpha: {{}}}}\nlocal: false\nssh_config: {lab.ssh_config}\n"
    user = configured(tmp_path / "ada", hosts, [("served", SERVED), ("restarted", RESTARTED), ("plain", PLAIN)])
    yield user
    user.run("rm", "-f", "--yes", f"alpha/{NAME}")


def listed(user):
    (tunnel,) = user.json("tunnels")["tunnels"]
    return tunnel


def answers(url):
    """The server's status takes the token of that address."""
    base, _, query = url.partition("/lab")
    try:
        with urllib.request.urlopen(f"{base}/api/status{query}", timeout=20) as reply:
            return "kernels" in json.load(reply)
    except (OSError, HTTPException, ValueError):
        return False


def await_answer(user, before, seconds):
    """The tunnel once its address answers, and is another than before."""
    deadline = time.monotonic() + seconds
    while not ((now := listed(user))["url"] and now["url"] != before["url"] and answers(now["url"])):
        assert time.monotonic() < deadline, now
        time.sleep(0.2)
    assert now["local_port"] == before["local_port"]
    return now


@pytest.mark.soak
def test_removed_and_launched_again_it_is_the_same_local_port_with_the_new_token(ada):
    ada.ok("launch", "served", "-H", "alpha", "--name", NAME, timeout=90)
    ada.ok("jupyter", f"alpha/{NAME}", "--keep", timeout=90)
    before = listed(ada)
    assert (before["state"], before["target"]) == ("up", f"alpha/{NAME}:8888")
    assert answers(before["url"])
    ada.ok("rm", "-f", "--yes", f"alpha/{NAME}")
    until(lambda: listed(ada)["state"] == "gone", "that it is gone", 20)
    assert listed(ada)["error"] == f"alpha has no container {NAME}"
    refused = ada.run("jupyter", f"alpha/{NAME}", "--keep")
    assert refused.returncode == 4
    ada.ok("launch", "served", "-H", "alpha", "--name", NAME, timeout=90)
    assert await_answer(ada, before, 90)["state"] == "up"  # it takes a while to start


@pytest.mark.soak
def test_started_again_on_another_port_it_is_found_by_its_record(ada):
    ada.ok("launch", "plain", "-H", "alpha", "--name", NAME, timeout=90)

    def serve(port, token):
        ada.ok("tmux", "new", f"alpha/{NAME}:server", "--", "sh", "-c", SERVER.format(port=port, token=token))

    serve(8888, "first")
    until_served(ada)
    before = listed(ada)
    assert before["url"].endswith("token=first")
    ada.ok("tmux", "kill", "--yes", f"alpha/{NAME}:server")
    serve(8890, "second")
    moved = await_answer(ada, before, 90)
    assert (moved["target"], moved["state"]) == (f"alpha/{NAME}:8890", "up")
    assert moved["url"].endswith("token=second")
    assert ada.json("jupyter", f"alpha/{NAME}", "--keep")["url"] == moved["url"]


@pytest.mark.soak
def test_one_that_listens_on_a_socket_only_is_reached_inside_its_container(ada):
    ada.ok("launch", "plain", "-H", "alpha", "--name", NAME, timeout=90)
    started = ("sh", "-c", "JUPYTER_TOKEN=third exec jupyter lab --sock /tmp/jup.sock --no-browser")
    ada.ok("tmux", "new", f"alpha/{NAME}:server", "--", *started)
    until_served(ada)
    now = listed(ada)
    assert (now["target"], now["state"]) == (f"alpha/{NAME}:socket", "up")
    assert answers(now["url"])


@pytest.mark.soak
def test_one_that_was_killed_comes_back_at_the_same_address(ada):
    ada.ok("launch", "restarted", "-H", "alpha", "--name", NAME, timeout=90)
    ada.ok("jupyter", f"alpha/{NAME}", "--keep", timeout=90)
    before, server = listed(ada), served_by("alpha")
    machines.run("alpha", ["kill", "-9", str(server)])
    until(lambda: answers(before["url"]) and served_by("alpha") != server, "another process at the same URL", 60)
    assert ada.json("jupyter", f"alpha/{NAME}", "--keep")["url"] == before["url"]


def served_by(host):
    """The process of its JupyterLab in our container, None while there is none."""
    word = f"/containers/{NAME}/top"
    rows = docker_api.call(host, "GET", word)["Processes"]
    found = [int(row[1]) for row in rows if "jupyter-lab" in row[-1] and " sh -c" not in f" {row[-1]}"]
    return found[0] if found else None


def until_served(user):
    until(lambda: user.run("jupyter", f"alpha/{NAME}", "--keep", timeout=90).returncode == 0, "its server", 60)
