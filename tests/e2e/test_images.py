"""Images over the whole road: command line, SSH, two engines of different age, a registry that each host has itself."""

import base64
import json

import pytest

from tests.engines.docker.registry import Registry, offered
from tests.engines.docker.rootfs import small_image
from tests.lab import docker_api

pytestmark = pytest.mark.lab
HOSTS = ["alpha", "bravo"]
EVERYWHERE = ["-H", "alpha", "-H", "bravo"]
PASSWORD = "open-sesame-4711"


@pytest.fixture
def registry(lab, gpuws):
    """Both hosts reach it; what they pulled from it is gone afterwards."""
    registry = Registry().start()
    with offered(lab, registry, *HOSTS):
        yield registry
    registry.stop()
    for host in HOSTS:
        ours = {name: image for name, image in listed(gpuws, host).items() if name.startswith(registry.address)}
        if ours:
            gpuws.run("images", "rm", *ours, "--yes", "-H", host)


def listed(gpuws, host):
    return {name: image for image in gpuws.json("images", "ls", host)["images"] for name in image["names"]}


def test_one_pull_on_two_hosts_then_a_newer_one_then_gone(registry, gpuws):
    name = f"{registry.address}/made:1"
    made = registry.put_for("made", "1", ["amd64", "arm64"], [("one", 3 << 20), ("two", 1 << 20)])
    said = gpuws.run("images", "pull", name, *EVERYWHERE)
    assert (said.returncode, sorted(said.stdout.splitlines())) == (0, [f"{host}: {name}" for host in HOSTS]), (
        said.stderr
    )
    for host in HOSTS:
        image = listed(gpuws, host)[name]
        assert image["digests"] == [f"{registry.address}/made@{made}"]
        assert image["size_bytes"] >= 4 << 20
        assert image["used_by"] == []
    assert verdicts(gpuws, name) == {"alpha": False, "bravo": False}
    older = listed(gpuws, "alpha")[name]["id"]
    registry.put_for("made", "1", ["amd64", "arm64"], [("one", 3 << 20), ("two", 1 << 20)])
    assert verdicts(gpuws, name) == {"alpha": True, "bravo": True}
    gpuws.ok("images", "pull", name, "-H", "alpha")
    assert verdicts(gpuws, name) == {"alpha": False, "bravo": True}
    (loose,) = [one for one in gpuws.json("images", "ls", "alpha")["images"] if one["id"] == older]
    assert loose["names"] == []
    gpuws.ok("images", "rm", older, "--yes", "-H", "alpha")
    refused = gpuws.run("images", "rm", name, *EVERYWHERE)
    assert refused.returncode == 5
    assert gpuws.ok("images", "rm", name, *EVERYWHERE, "--dry-run").splitlines() == [
        f"ssh {host} 'docker rmi {name}'" for host in HOSTS
    ]
    gpuws.ok("images", "rm", name, *EVERYWHERE, "--yes")
    assert all(name not in listed(gpuws, host) for host in HOSTS)


def verdicts(gpuws, name):
    told = gpuws.json("images", "check", name, *EVERYWHERE)
    assert all(one["error"] is None for one in told["images"])
    return {one["host"]: one["newer"] for one in told["images"]}


@pytest.mark.parametrize("kept", [True, pytest.param(False, marks=pytest.mark.soak)], ids=["keeper", "alone"])
def test_ctrl_c_ends_the_pulls_on_all_hosts(registry, gpuws, kept):
    name = f"{registry.address}/slow:1"
    registry.put("slow", "1", [("big", 24 << 20)])
    registry.pause = 0.05
    user = gpuws if kept else gpuws.alone
    with user.terminal("images", "pull", name, "no/matter:1", *EVERYWHERE, columns=80, rows=24) as screen:
        screen.wait_for(r"alpha .*\d+%  0 of 1 layers(.|\n)*[1-9]M of 24M(.|\n)*bravo .*\d+%  0 of 1")
        screen.press("ctrl+c")
        text = screen.wait_for("cancelled: (alpha, bravo|bravo, alpha) keep")
        assert screen.wait_exit(20) == 130
    assert "pulling" not in text
    registry.until_idle()
    assert not any(name in listed(gpuws, host) for host in HOSTS)


def test_the_login_of_the_workstation_opens_a_private_registry(registry, gpuws):
    registry.password, registry.tokens = PASSWORD, True
    name = f"{registry.address}/secret/app:1"
    registry.put("secret/app", "1")
    for password, said in ((None, "wants a login"), ("wrong", "does not take the login"), (PASSWORD, "")):
        if password:
            auth = base64.b64encode(f"ada:{password}".encode()).decode()
            (gpuws.home / ".docker").mkdir(exist_ok=True)
            (gpuws.home / ".docker" / "config.json").write_text(
                json.dumps({"auths": {registry.address: {"auth": auth}}})
            )
        done = gpuws.run("images", "pull", name, *EVERYWHERE)
        assert (done.returncode, done.stderr.count(said)) == ((1, 2) if said else (0, done.stderr.count(said))), (
            done.stderr
        )
        assert PASSWORD not in done.stderr


def test_a_launch_pulls_what_is_missing_and_says_which_it_took(registry, gpuws):
    name = f"{registry.address}/team/app:1"
    made = registry.put("team/app", "1", [small_image(("sh", "sleep")), ("more", 1 << 20)])
    profile = f"image: {name}\ncommand: [sleep, infinity]\nmem_limit: 64m\n"
    (gpuws.config / "profiles" / "pulled.yaml").write_text(profile)
    (gpuws.config / "profiles" / "never.yaml").write_text(f"{profile}pull_policy: never\n")
    refused = gpuws.run("launch", "never", "-H", "alpha")
    assert (refused.returncode, f"alpha has no image {name} — pull_policy is never" in refused.stderr) == (5, True)
    try:
        done = gpuws.run("launch", "pulled", "-H", "alpha", "--name", "e2e-pulled")
        assert done.returncode == 0, done.stderr
        assert f"pulling {name}" in done.stderr
        labels = docker_api.call("alpha", "GET", "/containers/e2e-pulled/json")["Config"]["Labels"]
        assert labels["gpuws.digest"] == f"{registry.address}/team/app@{made}"
    finally:
        gpuws.run("rm", "-f", "--yes", "alpha/e2e-pulled")


def test_the_lab_s_own_image_was_not_pulled(gpuws):
    for host in HOSTS:
        image = listed(gpuws, host)["gpuws-lab/workspace:latest"]
        assert image["digests"] == []
        assert image["used_by"]
    told = gpuws.json("images", "check", "gpuws-lab/workspace:latest", "-H", "alpha")
    assert told["images"] == [{"host": "alpha", "name": "gpuws-lab/workspace:latest", "newer": None, "error": None}]


def test_what_can_not_be_had_or_must_not_be_touched(gpuws):
    failed = gpuws.run("images", "pull", "127.0.0.1:1/no:1", "-H", "alpha", "-H", "bravo")
    assert failed.returncode == 1
    assert failed.stderr.count("can't reach the image's registry") == 2
    assert gpuws.run("images", "pull", "x").returncode == 2
    assert gpuws.run("images", "pull", "x", "-H", "charlie").returncode == 1
    assert gpuws.run("images", "rm", "no/such:1", "-H", "alpha", "--yes").returncode == 4
    used = gpuws.run("images", "rm", "gpuws-lab/workspace:latest", "-H", "alpha", "--yes")
    assert used.returncode == 5
    assert "--yes-not-mine gpuws-lab/workspace:latest" in used.stderr
    for words in (["pull", "x"], ["rm", "gpuws-lab/workspace:latest", "--yes"], ["prune", "--yes"]):
        refused = gpuws.run("--readonly", "images", *words, "-H", "alpha")
        assert (refused.returncode, "read-only" in refused.stderr) == (5, True)


def test_nothing_is_pruned_by_looking(gpuws):
    before = gpuws.json("images")["images"]
    gpuws.ok("images", "prune", "--dry-run", "-H", "alpha")
    assert gpuws.json("images")["images"] == before
