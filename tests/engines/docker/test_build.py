"""Building on a real engine, and why a build failed."""

from __future__ import annotations

import io
import os
import tarfile
import threading
import time

import pytest

from gpuws.engines.docker.build import builder, failure
from gpuws.engines.docker.build.context import packed, read
from gpuws.engines.docker.build.output import Output
from gpuws.model.build.dockerfile import parse
from gpuws.model.build.want import BuildWay
from gpuws.model.errors import Cancelled, GpuwsError, UsageError
from gpuws.model.placement.plan import Progress, Want
from gpuws.model.profile.profile import Build, Profile
from tests.engines.docker.conftest import IMAGE


def build(bench, spec, tag="gpuws-test:built", way=builder.AT_ONCE):
    said: list[Progress] = []
    builder.build(bench.engine._client, spec, tag, said.append, threading.Event(), way)
    return said


@pytest.mark.lab
def test_a_build_without_context(clean):
    said = build(
        clean, Build(dockerfile_inline=f"FROM {IMAGE}\nARG WHO\nRUN echo hello $WHO >/hello\n", args={"WHO": "you"})
    )
    assert any(progress.text.startswith("Step 3/3 : RUN echo") for progress in said)
    assert max(progress.fraction or 0 for progress in said) == pytest.approx(2 / 3)
    assert clean.daemon.cli("run", "--rm", "gpuws-test:built", "cat", "/hello") == "hello you"


@pytest.mark.lab
def test_a_launch_builds_what_is_missing_and_only_once(clean):
    spec = Build(dockerfile_inline=f"FROM {IMAGE}\nRUN echo {time.time()} >/made\n")
    profile = Profile("made", build=spec, command=("sleep", "infinity"))
    plan = clean.engine.plan(profile, Want(), clean.site)
    assert plan.spec.image.startswith("gpuws/made:")
    assert not plan.image_present
    stages: list[str] = []
    for _ in range(2):
        plan = clean.engine.plan(profile, Want(), clean.site)
        clean.engine.launch(plan, lambda progress: stages.append(progress.stage), threading.Event())
    assert stages.count("building") > 1
    assert "building" not in stages[stages.index("done") :]


@pytest.mark.lab
def test_a_context_respects_dockerignore(clean, tmp_path):
    (tmp_path / "keep.txt").write_text("keep")
    (tmp_path / "drop.txt").write_text("drop")
    (tmp_path / ".dockerignore").write_text("# no\ndrop.txt\n")
    (tmp_path / "My.Dockerfile").write_text(f"FROM {IMAGE}\nCOPY . /in\nRUN ls -a /in >/sent\n")
    build(clean, Build(context=str(tmp_path), dockerfile="My.Dockerfile"))
    listing = clean.daemon.cli("run", "--rm", "gpuws-test:built", "cat", "/sent").split()
    assert listing == [".", "..", ".dockerignore", "My.Dockerfile", "keep.txt"]
    inline = f"FROM {IMAGE}\nCOPY . /in\nRUN ls -a /in >/sent\n"
    build(clean, Build(context=str(tmp_path), dockerfile_inline=inline))
    listing = clean.daemon.cli("run", "--rm", "gpuws-test:built", "cat", "/sent").split()
    assert "Dockerfile.gpuws" not in listing
    assert "keep.txt" in listing


@pytest.mark.lab
def test_a_failing_step_is_the_error(clean):
    with pytest.raises(GpuwsError) as caught:
        build(
            clean,
            Build(dockerfile_inline=f"# why\nFROM {IMAGE}\n\nRUN echo noise; echo E: no such thing >&2; exit 3\n"),
        )
    assert caught.value.message == (
        "the build of gpuws-test:built failed in line 4 of its Dockerfile, "
        "RUN echo noise; echo E: no such thing >&2; exit 3 (exit 3): E: no such thing"
    )


@pytest.mark.lab
def test_what_is_not_in_the_context_is_the_error_with_its_line(clean, tmp_path):
    (tmp_path / "Dockerfile").write_text(f"FROM {IMAGE}\nCOPY there.txt /\n")
    (tmp_path / "there.txt").write_text("x")
    (tmp_path / ".dockerignore").write_text("there.txt\n")
    with pytest.raises(GpuwsError, match=r"in line 2 of its Dockerfile, COPY there.txt /: .*there.txt") as caught:
        build(clean, Build(context=str(tmp_path)))
    assert ".dockerignore" in caught.value.remedy


@pytest.mark.lab
def test_nothing_is_taken_from_the_cache_where_that_is_said(clean):
    spec = Build(dockerfile_inline=f"FROM {IMAGE}\nRUN echo {time.time()} >/made\n")
    cached = [any("Using cache" in step.text for step in build(clean, spec, way=BuildWay(no_cache=no)))
              for no in (False, False, True)]  # fmt: skip
    assert cached == [False, True, False]


@pytest.mark.lab
def test_a_build_is_cancelled_at_once(clean):
    spec = Build(dockerfile_inline=f"FROM {IMAGE}\nRUN sleep 4900\n")
    cancel = threading.Event()

    def report(progress):
        if "sleep" in progress.text:
            cancel.set()

    began = time.monotonic()
    with pytest.raises(Cancelled):
        builder.build(clean.engine._client, spec, "gpuws-test:never", report, cancel)
    assert time.monotonic() - began < 5
    deadline = time.monotonic() + 10
    while "sleep 4900" in clean.daemon.cli("ps", "-a", "--no-trunc", "--format", "{{.Command}}"):
        assert time.monotonic() < deadline, "the engine builds on"
        time.sleep(0.1)


# what is sent


def test_contexts_that_are_not_there(tmp_path):
    for spec, said in (
        (Build(context=str(tmp_path / "none")), "is not a directory here"),
        (Build(context=str(tmp_path)), "there is no Dockerfile in the build context"),
        (Build(), "needs dockerfile_inline"),
    ):
        with pytest.raises(UsageError, match=said), packed(spec):
            pass


def tar_of(spec):
    context = read(spec)
    data = b"".join(context.pieces())
    assert len(data) == context.length
    return context, tarfile.open(fileobj=io.BytesIO(data), mode="r:")


def test_the_tar_is_as_long_as_it_was_said_whatever_is_in_it(tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM x\n")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / ("n" * 200)).write_bytes(b"x" * 1000)
    (tmp_path / "großer Name").write_bytes(b"y" * 512)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / os.fsdecode(b"latin-\xe4")).write_text("z")
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "dir-link").symlink_to("deep")
    (tmp_path / "hard").hardlink_to(tmp_path / "großer Name")
    os.utime(tmp_path / "Dockerfile", (-5, -5))
    context, tar = tar_of(Build(context=str(tmp_path)))
    kinds = {one.name: one.type for one in tar}
    assert kinds["link"] == kinds["dir-link"] == tarfile.SYMTYPE
    assert kinds["pipe"] == tarfile.FIFOTYPE
    assert {kinds["großer Name"], kinds["hard"]} == {tarfile.REGTYPE, tarfile.LNKTYPE}
    assert tar.extractfile(f"deep/{'n' * 200}").read() == b"x" * 1000
    assert {(one.uid, one.gid, one.uname) for one in tar} == {(0, 0, "")}
    assert (context.files, context.size) == (8, 7 + 1000 + 512 + 1)
    assert context.largest(1) == [("deep", 1000)]


def test_nothing_is_held_in_memory(tmp_path):
    """A gigabyte that takes no room on the disk, and none here."""
    import tracemalloc

    (tmp_path / "Dockerfile").write_text("FROM x\n")
    with (tmp_path / "big").open("wb") as file:
        file.truncate(64 << 20)
    context = read(Build(context=str(tmp_path)))
    tracemalloc.start()
    sent = sum(map(len, context.pieces()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sent == context.length > 64 << 20
    assert peak < 4 << 20


def test_a_file_that_changes_while_it_is_sent(tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM x\n")
    (tmp_path / "log").write_bytes(b"1" * 100)
    context = read(Build(context=str(tmp_path)))
    (tmp_path / "log").write_bytes(b"1" * 100 + b"more")
    assert len(b"".join(context.pieces())) == context.length
    (tmp_path / "log").write_bytes(b"1")
    with pytest.raises(UsageError, match="log became shorter while it was sent"):
        list(context.pieces())
    (tmp_path / "log").unlink()
    with pytest.raises(UsageError, match="log can't be read any more"):
        list(context.pieces())


# why it failed

APT = """\
Hit:1 http://deb.debian.org/debian bookworm InRelease
Reading package lists...
E: Unable to locate package nosuchpkg
E: Some index files failed to download. They have been ignored, or old ones used instead.
"""
PIP = """\
Collecting flash-attn==2.8.3
  Preparing metadata (setup.py): started
OSError: CUDA_HOME environment variable is not set. Please set it to your CUDA install root.
ERROR: Failed building wheel for flash-attn
[notice] A new release of pip is available: 24.0 -> 25.0
ERROR: Failed to build installable wheels for some pyproject.toml based projects (flash-attn)
"""
NONE = """\
ERROR: Could not find a version that satisfies the requirement torhc (from versions: none)
ERROR: No matching distribution found for torhc
WARNING: There was an error checking the latest version of pip.
"""
MANAGED = "error: externally-managed-environment\n\n× This environment is externally managed\n"
NO_NET = """\
Err:1 http://deb.debian.org/debian bookworm InRelease
E: Failed to fetch http://deb.debian.org/x  Temporary failure resolving 'deb.debian.org'
E: Some index files failed to download.
"""
TLS = "WARNING: Retrying (Retry(total=0)) after connection broken by 'SSLError(CERTIFICATE_VERIFY_FAILED)'\n"
GCC = "building 'x' extension\nx.c:1:10: fatal error: Python.h: No such file or directory\ncompilation terminated.\n"


@pytest.mark.parametrize(
    ("output", "why", "mended"),
    [
        (APT, "E: Unable to locate package nosuchpkg", "apt-get update stands in the same RUN"),
        (PIP, "OSError: CUDA_HOME environment variable is not set. Please", "FROM the -devel image"),
        (NONE, "ERROR: Could not find a version that satisfies the requirement torhc", "has a wheel"),
        (MANAGED, "error: externally-managed-environment", "--break-system-packages"),
        (TLS + NONE, "ERROR: Could not find a version", "PIP_CERT"),
        (GCC, "x.c:1:10: fatal error: Python.h", "python3-dev"),
        ("sh: 1: git: not found\n", "sh: 1: git: not found", "install it first"),
        (NO_NET, "E: Failed to fetch", "--network host"),
        ("all fine\nor not\n", "or not", ""),
    ],
)  # fmt: skip
def test_the_line_that_failed_is_told_and_not_the_last_noise(output, why, mended):
    dockerfile = parse("# mine\nFROM a\n\n# tools\nRUN apt-get update \\\n && token=abcdefghij go\n")
    message = "The command '/bin/sh -c x' returned a non-zero code: 100"
    error = failure.fault("alpha", "t:1", 2, dockerfile, output.splitlines(), message)
    where = "the build of t:1 failed in line 5 of its Dockerfile, RUN apt-get update && token=*** go (exit 100): "
    assert error.message.startswith(where + why)
    assert "notice" not in error.message
    assert "Failed building" not in error.message
    assert mended in error.remedy


def test_lines_of_a_build():
    output = Output()

    def take(**item):
        return [step.text for step in output.take(item)]

    assert take(stream="\n") == []
    assert take(stream="Step 3/5 : RUN \x1b[91mx\x1b[0m\n") == ["Step 3/5 : RUN x"]
    assert (output.step, output.fraction) == (3, 0.4)
    assert take(stream="Read") == []
    assert take(stream="ing\nlines\n 5%\r 50%\r100%\r\n") == ["Reading", "lines", "100%"]
    assert take(status="Downloading", id="abc") == ["abc: Downloading"]
    assert take(stream="unfinished", aux={}) == []
    assert [step.text for step in output.end()] == ["unfinished"]
    assert list(output.said) == ["Reading", "lines", "100%", "abc: Downloading", "unfinished"]
    assert take(stream="Step 4/5 : RUN y\n") == ["Step 4/5 : RUN y"]
    assert not output.said


@pytest.mark.lab
def test_a_launch_says_before_what_its_dockerfile_gives_away(clean):
    text = f"FROM {IMAGE}\nENV HF_TOKEN=hf_abcdefghijklmnopqrst\nRUN --mount=type=ssh true\n"
    plan = clean.engine.plan(Profile("tells", build=Build(dockerfile_inline=text)), Want(), clean.site)
    assert [check.name for check in plan.problems] == ["dockerfile"]
    assert [check.detail for check in plan.checks if check.name == "secrets"] == [
        "line 2: ENV HF_TOKEN: whoever has the image reads it in docker history"
    ]
