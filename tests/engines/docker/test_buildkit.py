"""BuildKit without a session, on real engines: what it does, and what its trace tells."""

from __future__ import annotations

import base64
import json
import threading
import time

import pytest

from gpuws.engines.docker.build import builder, failure
from gpuws.engines.docker.build.trace import TRACE, Trace
from gpuws.engines.docker.connect import connect_engine
from gpuws.engines.docker.images import store
from gpuws.link.local.local import LocalLink
from gpuws.model.build.dockerfile import parse
from gpuws.model.build.want import BuildWay
from gpuws.model.errors import Cancelled, GpuwsError
from gpuws.model.host.host import DockerAccess, Host
from gpuws.model.profile.profile import Build, Profile
from tests.engines.docker.conftest import IMAGE
from tests.engines.docker.registry import Registry
from tests.engines.docker.test_build import build
from tests.lab.docker_api import socket_path

CACHED = (
    f"FROM {IMAGE}\nRUN --mount=type=cache,target=/c echo hello >/hello && echo {{}} >/when\nCOPY --chmod=640 f /f\n"
)


@pytest.mark.lab
def test_a_line_that_needs_buildkit_is_built_by_it(clean, tmp_path):
    (tmp_path / "f").write_text("x")
    (tmp_path / "Dockerfile").write_text(CACHED.format(time.time()))
    profile = Profile("kit", image="gpuws-test:kit", build=Build(context=str(tmp_path)))
    plan = clean.engine.images.plan_build(profile, BuildWay())
    assert [check.detail for check in plan.checks if check.name == "dockerfile"] == [
        "built by BuildKit: RUN --mount in line 2, COPY --chmod in line 3"
    ]
    said = [step.text for step in build(clean, profile.build, "gpuws-test:kit")]
    assert any("RUN --mount=type=cache" in line for line in said)
    assert clean.daemon.cli("run", "--rm", "gpuws-test:kit", "ls", "-l", "/f").startswith("-rw-r-----")


@pytest.mark.lab
def test_its_failures_are_told_with_the_line(clean):
    failing = f"# why\nFROM {IMAGE}\n\nRUN --mount=type=cache,target=/c echo noise; echo E: no such thing >&2; exit 3\n"
    with pytest.raises(GpuwsError) as caught:
        build(clean, Build(dockerfile_inline=failing))
    assert "failed in line 4 of its Dockerfile, RUN --mount=type=cache,target=/c echo noise;" in caught.value.message
    assert caught.value.message.endswith("(exit 3): E: no such thing")


@pytest.mark.lab
def test_it_is_cancelled_at_once(clean):
    cancel = threading.Event()
    spec = Build(dockerfile_inline=f"FROM {IMAGE}\nRUN --mount=type=cache,target=/c sleep 4901\n")
    began = time.monotonic()
    with pytest.raises(Cancelled):
        builder.build(
            clean.engine._client, spec, "gpuws-test:never", lambda step: "sleep" in step.text and cancel.set(), cancel
        )
    assert time.monotonic() - began < 5


@pytest.mark.lab
def test_a_base_image_that_wants_a_login_is_pulled_before(clean, tmp_path, monkeypatch):
    registry = Registry("open-sesame-4712", tokens=True).start()
    registry.put("secret/kit", "1")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    said = base64.b64encode(b"ada:open-sesame-4712").decode()
    (tmp_path / "config.json").write_text(json.dumps({"auths": {registry.address: {"auth": said}}}))
    base = f"{registry.address}/secret/kit:1"
    try:
        text = f"FROM {IMAGE} AS a\nRUN --mount=type=cache,target=/c echo >/x\nFROM {base}\nCOPY --from=a /x /x\n"
        build(clean, Build(dockerfile_inline=text), "gpuws-test:kit")
        assert store.present(clean.engine._client, base)
    finally:
        registry.stop()
        clean.engine.images.remove("gpuws-test:kit", force=True)


@pytest.mark.lab
def test_heredocs_on_a_newer_docker(lab):
    link = LocalLink()
    engine = connect_engine(Host("bravo", docker=DockerAccess(socket=str(socket_path("bravo")))), link, {})
    text = "# syntax=docker/dockerfile:1\nFROM gpuws-lab/workspace:latest\nRUN <<EOF\necho E: here >&2\nexit 4\nEOF\n"
    try:
        with pytest.raises(GpuwsError, match=r"failed in line 3 of its Dockerfile, RUN <<EOF \(exit 4\): E: here"):
            engine.images.build(
                Profile("here", image="gpuws-test:here", build=Build(dockerfile_inline=text)),
                BuildWay(),
                lambda step: None,
                threading.Event(),
            )
    finally:
        link.close()


# its trace


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def message(*fields):
    """A protobuf message: numbers, strings and other messages."""
    out = bytearray()
    for number, value in fields:
        data = value.encode() if isinstance(value, str) else value
        out += varint(number << 3 | (0 if isinstance(data, int) else 2))
        out += varint(data) if isinstance(data, int) else varint(len(data)) + data
    return bytes(out)


def item(*parts):
    return {"id": TRACE, "aux": base64.b64encode(message(*parts)).decode()}


NOW = message((1, 1_700_000_000))


def test_a_trace_is_told_line_by_line():
    trace = Trace(parse("FROM a\nRUN  make \\\n  all\n"))

    def take(one):
        return [step.text for step in trace.take(one)]

    assert take(item((1, message((1, "i"), (3, "[internal] load build context"), (5, NOW))))) == []
    assert take(item((1, message((1, "d"), (3, "[2/2] RUN  make   all"))))) == []
    assert take(item((1, message((1, "d"), (3, "[2/2] RUN  make   all"), (5, NOW))))) == ["[2/2] RUN  make   all"]
    logs = [(3, message((1, "d"), (3, 1), (4, said))) for said in (b"comp", b"iling\n 5%\r99%\r\nE")]
    assert take(item(*logs)) == ["compiling", "99%"]
    assert take(item((1, message((1, "d"), (6, NOW), (7, "exit code: 2"))))) == []
    assert (trace.step, trace.fraction) == (2, 1.0)
    assert [step.text for step in trace.end()] == ["E"]
    error = failure.fault("alpha", "t", trace.step, parse("FROM a\nRUN make all\n"), ["error: bad"], "x: exit code: 2")
    assert error.message.endswith("line 2 of its Dockerfile, RUN make all (exit 2): error: bad")
    assert take({"stream": "Successfully tagged t\n"}) == ["Successfully tagged t"]


@pytest.mark.parametrize("aux", ["", "%%", 7, None, base64.b64encode(b"\xff\xff").decode(), {"ID": "sha256:1"}])
def test_a_trace_that_makes_no_sense_tells_nothing(aux):
    trace = Trace(())
    assert list(trace.take({"id": TRACE, "aux": aux})) == []
    assert (trace.step, trace.fraction) == (0, None)
