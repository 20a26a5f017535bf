"""Images over the whole road: command line, SSH, two engines of different age, a registry that each host has itself."""

import shlex
import subprocess
from pathlib import Path

import pytest

from tests.docker import registry

pytestmark = pytest.mark.lab
HOSTS = ["alpha", "bravo"]
PORT = 5117
NAME = f"127.0.0.1:{PORT}/made:1"


class Served:
    """The registry as a program on a host; it ends with the connection."""

    def __init__(self, lab, host):
        script = Path(registry.__file__).read_text()
        command = shlex.join(["python3", "-c", script, str(PORT)])
        self.process = subprocess.Popen(
            ["ssh", "-F", str(lab.ssh_config), host, command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        address, self.digest = self.process.stdout.readline().split()
        assert address == f"127.0.0.1:{PORT}"

    def renew(self):
        """Another image under the same name."""
        self.process.stdin.write("1\n")
        self.process.stdin.flush()
        self.digest = self.process.stdout.readline().strip()

    def end(self):
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()


@pytest.fixture
def served(lab, gpuws):
    both = {host: Served(lab, host) for host in HOSTS}
    yield both
    for host, one in both.items():
        one.end()
        gpuws.run("images", "rm", NAME, "--yes", "-H", host)


def listed(gpuws, host):
    return {name: image for image in gpuws.json("images", "ls", host)["images"] for name in image["names"]}


def test_one_pull_on_two_hosts_then_a_newer_one_then_gone(served, gpuws):
    said = gpuws.run("images", "pull", NAME, "-H", "alpha", "-H", "bravo")
    assert (said.returncode, said.stdout) == (0, f"alpha: {NAME}\nbravo: {NAME}\n"), said.stderr
    for host in HOSTS:
        image = listed(gpuws, host)[NAME]
        assert image["digests"] == [f"127.0.0.1:{PORT}/made@{served[host].digest}"]
        assert image["size_bytes"] >= 4 << 20
        assert image["used_by"] == []
    assert verdicts(gpuws) == {"alpha": False, "bravo": False}
    served["alpha"].renew()
    assert verdicts(gpuws) == {"alpha": True, "bravo": False}
    gpuws.ok("images", "pull", NAME, "-H", "alpha")
    assert verdicts(gpuws) == {"alpha": False, "bravo": False}
    (loose,) = [
        i for i in gpuws.json("images", "ls", "alpha")["images"] if not i["names"] and i["size_bytes"] < 9 << 20
    ]
    gpuws.ok("images", "rm", loose["id"], "--yes", "-H", "alpha")
    refused = gpuws.run("images", "rm", NAME, "-H", "alpha", "-H", "bravo")
    assert refused.returncode == 5
    assert gpuws.ok("images", "rm", NAME, "-H", "alpha", "-H", "bravo", "--dry-run").splitlines() == [
        f"ssh alpha 'docker rmi {NAME}'",
        f"ssh bravo 'docker rmi {NAME}'",
    ]
    gpuws.ok("images", "rm", NAME, "-H", "alpha", "-H", "bravo", "--yes")
    assert all(NAME not in listed(gpuws, host) for host in HOSTS)


def verdicts(gpuws):
    told = gpuws.json("images", "check", NAME, "-H", "alpha", "-H", "bravo")
    assert all(one["error"] is None for one in told["images"])
    return {one["host"]: one["newer"] for one in told["images"]}


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
