"""Builds over the whole road: command line, SSH, an old engine and a newer one."""

import json

import pytest

pytestmark = pytest.mark.lab
EVERYWHERE = ["-H", "alpha", "-H", "bravo"]
BASE = "gpuws-lab/workspace:latest"
NAME = "gpuws-test/project:1"


@pytest.fixture
def project(lab, gpuws, tmp_path):
    """A directory to build from, and nothing of it left on the hosts."""
    root = tmp_path / "project"
    (root / "data").mkdir(parents=True)
    (root / ".dockerignore").write_text("data\n!data/keep\n")
    for name in ("data/keep", "data/drop", "a.py"):
        (root / name).write_text(name)
    (root / "Dockerfile").write_text(f"FROM {BASE}\nARG WHO\nCOPY . /in\nRUN ls /in/data && echo hello $WHO\n")
    yield root
    gpuws.run("images", "rm", NAME, *EVERYWHERE, "--yes")


def test_a_directory_is_built_on_two_hosts_at_once(project, gpuws):
    planned = gpuws.ok("images", "build", str(project), "-t", NAME, *EVERYWHERE, "--dry-run")
    assert f"4 files, {sum(one.stat().st_size for one in sent(project))}B of {project} are sent;" in planned
    assert f"$ gpuws with alpha -- docker build -t {NAME} {project}\n" in planned
    done = gpuws.run("images", "build", str(project), "-t", NAME, "--build-arg", "WHO=you", *EVERYWHERE)
    assert (done.returncode, sorted(done.stdout.splitlines())) == (0, [f"alpha: {NAME}", f"bravo: {NAME}"]), done.stderr
    for host in ("alpha", "bravo"):
        lines = [line.partition(f"{host}: ")[2] for line in done.stderr.splitlines() if f" {host}: " in line]
        assert {"keep", "hello you"} <= set(lines)
        assert "drop" not in lines


def sent(project):
    return [project / name for name in (".dockerignore", "Dockerfile", "a.py", "data/keep")]


def test_a_failure_on_each_host_is_told_with_the_line(project, gpuws):
    (project.parent / "Other").write_text(f"# other\nFROM {BASE}\nRUN echo E: nothing of that name >&2; exit 100\n")
    argv = ["images", "build", str(project), "-t", NAME, "-f", str(project / "../Other"), *EVERYWHERE, "--json"]
    done = gpuws.run(*argv)
    assert done.returncode == 1
    errors = {row["host"]: row["error"] for row in json.loads(done.stdout)["builds"]}
    assert errors.keys() == {"alpha", "bravo"}
    assert all("in line 3 of its Dockerfile, RUN echo E:" in error for error in errors.values())
    assert all(error.endswith("(exit 100): E: nothing of that name") for error in errors.values())


def test_what_one_of_the_engines_can_not_do_is_told_before(project, gpuws):
    (project / "Dockerfile").write_text(f"FROM {BASE}\nRUN <<EOF\necho hello\nEOF\n")
    refused = gpuws.run("images", "build", str(project), "-t", NAME, *EVERYWHERE)
    assert refused.returncode == 5
    assert "alpha: line 2: RUN <<EOF needs BuildKit of Docker 23 or newer" in refused.stderr
    done = gpuws.run("images", "build", str(project), "-t", NAME, "--no-cache", "-H", "bravo")
    assert (done.returncode, done.stdout) == (0, f"bravo: {NAME}\n"), done.stderr
    assert "bravo: hello" in done.stderr
