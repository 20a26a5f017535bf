"""What is said of a build before it begins, and the docker build line that it stands for."""

from __future__ import annotations

import os
import shlex

import pytest

from gpuws.engines.docker.build import context, rows
from gpuws.engines.docker.build.plan import docker_build
from gpuws.model.build.want import BuildWay
from gpuws.model.profile.profile import Build

PLAINLY = BuildWay()


@pytest.fixture
def project(tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM x\n")
    return tmp_path


def told(project, **keys):
    found = context.read(Build(context=str(project), **keys))
    return [(check.name, check.status, check.detail) for check in rows.of_context(found)]


def test_how_much_is_sent(project):
    (project / "a.py").write_text("x" * 993)
    assert told(project) == [("context", "ok", f"2 files, 1K of {project} are sent")]
    (project / ".dockerignore").write_text("a.py\n")
    ((_, _, detail),) = told(project)
    assert detail == f"2 files, 12B of {project} are sent; .dockerignore is respected"
    inline = context.read(Build(dockerfile_inline="FROM x\n"))
    assert [check.detail for check in rows.of_context(inline)] == ["nothing is sent but the Dockerfile"]


def test_what_takes_most_of_a_large_one_is_named(project):
    for name, size in (("data/a", 500 << 20), ("data/b", 100 << 20), (".git/pack", 90 << 20), ("model.pt", 2 << 30)):
        (project / name).parent.mkdir(exist_ok=True)
        with (project / name).open("wb") as file:
            os.truncate(file.fileno(), size)
    ((name, status, detail),) = told(project)
    assert (name, status) == ("context", "warn")
    assert detail.endswith("are sent: model.pt 2.0G, data 600M, .git 90M")


def test_files_that_usually_hold_keys_are_named(project):
    for name in (".env", "id_rsa", "a.pem", "b.pem", "keys.py"):
        (project / name).write_text("x")
    assert told(project)[1:] == [
        ("secrets", "warn", ".env, a.pem, b.pem and 1 more: files that usually hold keys are sent")
    ]


def test_a_dockerignore_of_the_dockerfiles_own_goes_before(project):
    (project / "Train").write_text("FROM x\n")
    (project / "big").write_text("x")
    (project / ".dockerignore").write_text("")
    (project / "Train.dockerignore").write_text("big\n")
    names = {entry.info.name for entry in context.read(Build(context=str(project), dockerfile="Train")).entries}
    assert names == {"Dockerfile", "Train", "Train.dockerignore", ".dockerignore"}
    assert "big" in {entry.info.name for entry in context.read(Build(context=str(project))).entries}


def test_the_equivalent_line(project):
    def line(build, way=PLAINLY):
        return docker_build("t:1", context.read(build), build, way)

    (project / "sub dir").mkdir()
    (project / "sub dir/Other").write_text("FROM x\n")
    build = Build(
        context=str(project), dockerfile="sub dir/Other", target="run", args={"A": "b c", "HF_TOKEN": "geheim"}
    )
    assert shlex.split(line(build, BuildWay(no_cache=True, pull=True, network="host"))) == [
        "docker", "build", "-t", "t:1", "-f", f"{project}/sub dir/Other", "--target", "run", "--build-arg", "A=b c",
        "--build-arg", "HF_TOKEN", "--no-cache", "--pull", "--network", "host", str(project),
    ]  # fmt: skip
    assert line(Build(context=str(project))) == f"docker build -t t:1 {project}"
    assert line(Build(dockerfile_inline="FROM x\nRUN y\n")) == "docker build -t t:1 - <<'EOF'\nFROM x\nRUN y\nEOF"
    beside = line(Build(context=str(project), dockerfile_inline="FROM x\n"))
    assert beside == f"docker build -t t:1 -f - {project} <<'EOF'\nFROM x\nEOF"
