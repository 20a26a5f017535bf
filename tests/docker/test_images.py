"""Building on a real engine; pulling from a registry of the test's own."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from gpuws.engines.docker import images
from gpuws.engines.docker.context import packed
from gpuws.engines.docker.progress import Layers, build_line
from gpuws.model.errors import Cancelled, GpuwsError, UsageError
from gpuws.model.plan import Progress, Want
from gpuws.model.profile import Build, Profile
from tests.docker.conftest import IMAGE


def build(bench, spec, tag="gpuws-test:built"):
    said: list[Progress] = []
    images.build(bench.engine._client, spec, tag, said.append, threading.Event())
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
    (tmp_path / "My.Dockerfile").write_text(f"FROM {IMAGE}\nCOPY . /in\n")
    build(clean, Build(context=str(tmp_path), dockerfile="My.Dockerfile"))
    assert clean.daemon.cli("run", "--rm", "gpuws-test:built", "ls", "/in").split() == ["My.Dockerfile", "keep.txt"]
    build(clean, Build(context=str(tmp_path), dockerfile_inline=f"FROM {IMAGE}\nCOPY keep.txt /inline\n"))
    assert clean.daemon.cli("run", "--rm", "gpuws-test:built", "cat", "/inline") == "keep"


@pytest.mark.lab
def test_a_failing_step_is_the_error(clean):
    with pytest.raises(GpuwsError, match="returned a non-zero code: 3"):
        build(clean, Build(dockerfile_inline=f"FROM {IMAGE}\nRUN exit 3\n"))


@pytest.mark.lab
def test_a_build_is_cancelled_at_once(clean):
    spec = Build(dockerfile_inline=f"FROM {IMAGE}\nRUN sleep 4900\n")
    cancel = threading.Event()

    def report(progress):
        if "sleep" in progress.text:
            cancel.set()

    began = time.monotonic()
    with pytest.raises(Cancelled):
        images.build(clean.engine._client, spec, "gpuws-test:never", report, cancel)
    assert time.monotonic() - began < 5
    deadline = time.monotonic() + 10
    while "sleep 4900" in clean.daemon.cli("ps", "-a", "--no-trunc", "--format", "{{.Command}}"):
        assert time.monotonic() < deadline, "the engine builds on"
        time.sleep(0.1)


def test_contexts_that_are_not_there(tmp_path):
    for spec, said in (
        (Build(context=str(tmp_path / "none")), "is not a directory here"),
        (Build(context=str(tmp_path)), "there is no Dockerfile in the build context"),
        (Build(), "needs dockerfile_inline"),
    ):
        with pytest.raises(UsageError, match=said), packed(spec):
            pass


@pytest.mark.parametrize(
    ("image", "parts"),
    [
        ("torch", ("torch", "latest")),
        ("torch:2.8", ("torch", "2.8")),
        ("reg:5000/torch", ("reg:5000/torch", "latest")),
        ("reg:5000/a/torch:1", ("reg:5000/a/torch", "1")),
        ("torch@sha256:abc", ("torch", "sha256:abc")),
    ],
)
def test_names_of_images(image, parts):
    assert images.split(image) == parts


def test_progress_of_a_pull():
    layers = Layers()
    for item in (
        {"status": "Pulling from library/x", "id": "latest"},
        {"status": "Pulling fs layer", "id": "a" * 12},
        {"status": "Already exists", "id": "b" * 12},
        {"status": "Downloading", "id": "a" * 12, "progressDetail": {"current": 50, "total": 200}},
    ):
        layers.take(item)
    assert layers.fraction() == 0.25
    assert layers.text("x") == "x: 1 of 2 layers, 50B downloaded"
    layers.take({"status": "Download complete", "id": "a" * 12})
    assert layers.fraction() == 1.0
    layers.take({"status": 7, "id": None, "progressDetail": "x"})


def test_lines_of_a_build():
    assert build_line({"stream": "\n"}) is None
    assert build_line({"stream": "Step 1/2 : FROM \x1b[31mx\n"}) == "Step 1/2 : FROM  [31mx"
    assert build_line({"status": "Downloading", "id": "abc"}) == "abc: Downloading"
    assert images.build_fraction("Step 3/5 : RUN x") == 0.4
    assert images.build_fraction("Step x/0 : RUN") is None


class Registry(http.server.BaseHTTPRequestHandler):
    """Answers like a registry that is slow or knows nothing."""

    stall = threading.Event()

    def do_GET(self):
        if "stall" in self.path:
            self.stall.wait(30)
        body = b'{"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}'
        self.send_response(200 if self.path == "/v2/" else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_HEAD(self):
        self.do_GET()

    def log_message(self, *args):
        pass


@pytest.fixture
def registry() -> Iterator[str]:
    Registry.stall.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    Registry.stall.set()
    server.shutdown()
    server.server_close()


@pytest.mark.lab
def test_an_image_nobody_has(clean, registry):
    profile = Profile("gone", image=f"{registry}/no/such:1", command=("sleep", "infinity"))
    with pytest.raises(GpuwsError) as caught:
        clean.launch(profile)
    assert caught.value.message == f"there is no image {registry}/no/such:1 that here can get"
    with pytest.raises(GpuwsError):
        clean.launch(replace(profile, image="127.0.0.1:1/x"))


@pytest.mark.lab
def test_a_pull_is_cancelled_at_once(clean, registry):
    cancel = threading.Event()
    threading.Timer(0.5, cancel.set).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        images.pull(clean.engine._client, f"{registry}/stall/x:1", lambda progress: None, cancel)
    assert time.monotonic() - began < 3
