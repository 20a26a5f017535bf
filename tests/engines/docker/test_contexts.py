"""Which engine is taken where docker's configuration names one, and what is said where it can't be."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gpuws.engines.docker.connect import connect_engine
from gpuws.engines.docker.contexts import choose
from gpuws.engines.registry import search
from gpuws.link.local.local import LocalLink
from gpuws.model.errors import EngineMissing, EngineShut
from gpuws.model.host.docker_endpoint import LED_ELSEWHERE, context_folder
from gpuws.model.host.host import DockerAccess, Host
from tests.engines.docker.wire import serving

HERE = Host("local")
needs_docker = pytest.mark.skipif(shutil.which("docker") is None, reason="makes contexts with docker's own program")


@pytest.fixture(autouse=True)
def own_docker(tmp_path, monkeypatch):
    """A docker whose configuration is the test's, and nobody's engine in the usual places."""
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", LED_ELSEWHERE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("gpuws.engines.docker.connect.DEFAULT_SOCKET", str(tmp_path / "usual.sock"))


@pytest.fixture
def link() -> Iterator[LocalLink]:
    link = LocalLink()
    yield link
    link.close()


@pytest.fixture
def engine(tmp_path) -> Iterator[Path]:
    with serving(tmp_path / "e.sock", lambda peer, head: None) as path:
        yield path


def make_context(name: str, host: str, *more: str) -> None:
    argv = ["docker", "context", "create", name, "--docker", ",".join([f"host={host}", *more])]
    subprocess.run(argv, check=True, capture_output=True)


def meta(name: str) -> str:
    """Where docker keeps a context; {docker}: its directory."""
    return f"{{docker}}/contexts/meta/{context_folder(name)}/meta.json"


def use_context(name: str) -> None:
    subprocess.run(["docker", "context", "use", name], check=True, capture_output=True)


def at(link: LocalLink, host: Host = HERE) -> str:
    return connect_engine(host, link, os.environ).info().at


def test_docker_host_is_taken(link, engine, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{engine}")
    assert at(link) == f"{engine} (DOCKER_HOST)"
    assert choose(Host("alpha"), link, os.environ).endpoint is None, "another host's engine is not of this environment"


@needs_docker
def test_contexts_are_taken_in_dockers_order(link, engine, tmp_path, monkeypatch):
    for name in ("used", "asked", "kept"):
        (tmp_path / f"{name}.sock").symlink_to(engine)
        make_context(name, f"unix://{tmp_path / name}.sock")
    use_context("used")
    assert at(link) == f"{tmp_path}/used.sock (context used by docker context use)"
    monkeypatch.setenv("DOCKER_CONTEXT", "asked")
    assert at(link) == f"{tmp_path}/asked.sock (context asked by DOCKER_CONTEXT)"
    monkeypatch.setenv("DOCKER_HOST", f"unix://{engine}")
    assert at(link) == f"{engine} (DOCKER_HOST)"
    kept = replace(HERE, docker=DockerAccess(context="kept"))
    assert at(link, kept) == f"{tmp_path}/kept.sock (context kept by hosts.yaml)"
    assert at(link, replace(kept, name="alpha")) == f"{tmp_path}/kept.sock (context kept by hosts.yaml)"
    mine = replace(HERE, docker=DockerAccess(socket=str(tmp_path / "used.sock")))
    assert at(link, mine) == str(tmp_path / "used.sock")
    monkeypatch.delenv("DOCKER_HOST")
    monkeypatch.setenv("DOCKER_CONTEXT", "default")
    with pytest.raises((EngineMissing, EngineShut), match=r"Docker|docker") as caught:
        at(link)
    assert "context" not in caught.value.message


def test_rootless_sockets_are_found(link, tmp_path):
    path = tmp_path / "run/docker.sock"
    path.parent.mkdir(parents=True)
    with serving(path, lambda peer, head: None):
        assert at(link) == str(path)


@contextlib.contextmanager
def tcp_to(path: Path) -> Iterator[int]:
    """A port of the loopback that leads to a socket."""
    listener = socket.create_server(("127.0.0.1", 0))
    opened: list[socket.socket] = []

    def carry(a: socket.socket, b: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := a.recv(65536):
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                peer, _ = listener.accept()
                inner = socket.socket(socket.AF_UNIX)
                inner.connect(str(path))
                opened.extend((peer, inner))
                for ends in ((peer, inner), (inner, peer)):
                    threading.Thread(target=carry, args=ends, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for one in opened:
            one.close()


def test_an_engine_on_the_loopback(link, engine, monkeypatch):
    with tcp_to(engine) as port:
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{port}")
        assert at(link) == f"tcp://127.0.0.1:{port} (DOCKER_HOST)"
    with pytest.raises(EngineShut) as caught:
        at(link)
    assert caught.value.message == f"no engine answers at tcp://127.0.0.1:{port} for local (DOCKER_HOST)"
    assert caught.value.remedy == "mend DOCKER_HOST, or unset it"


@pytest.mark.parametrize("url", ["ssh://alice@gpu1", "tcp://192.0.2.7:2375"])
def test_an_engine_of_another_machine_is_not_taken_for_ours(link, engine, tmp_path, monkeypatch, url):
    monkeypatch.setenv("DOCKER_HOST", url)
    found = search(HERE, link, os.environ)
    said = f"; DOCKER_HOST leads to {url}, an engine on another machine, which is not taken for local's"
    assert (found.info.error or "").endswith(said)
    assert found.info.remedy.startswith(
        "add that machine as a host; or, in hosts.yaml, local: {docker: {context: NAME}"
    )
    (tmp_path / "usual.sock").symlink_to(engine)
    known = connect_engine(HERE, link, os.environ)
    assert known.info().at == str(tmp_path / "usual.sock")
    assert known.info().aside.startswith(f"DOCKER_HOST leads to {url}")


def test_what_gpuws_with_leads_to_is_another_hosts(link, engine, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{engine}")
    monkeypatch.setenv(LED_ELSEWHERE, f"unix://{engine}")
    with pytest.raises((EngineMissing, EngineShut), match="an engine on another machine"):
        at(link)


@needs_docker
def test_a_context_by_ssh_is_taken_where_hosts_yaml_names_it(link, engine, tmp_path, monkeypatch):
    """Docker's own program goes there; its ssh is a script that knows one machine."""
    ssh = tmp_path / "bin" / "ssh"
    ssh.parent.mkdir()
    ssh.write_text(f"#!/bin/sh\nenv > {tmp_path}/env\nexec docker -H unix://{engine} system dial-stdio\n")
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{ssh.parent}:{os.environ['PATH']}")
    make_context("far", "ssh://alice@gpu1")
    assert at(link, replace(HERE, docker=DockerAccess(context="far"))) == "ssh://alice@gpu1 (context far by hosts.yaml)"
    ssh.write_text("#!/bin/sh\necho 'Permission denied (publickey).' >&2\nexit 255\n")
    with pytest.raises(EngineShut, match=r"no engine answers at ssh://alice@gpu1 for local .*Permission denied"):
        at(link, replace(HERE, docker=DockerAccess(context="far")))


@pytest.mark.parametrize(
    ("environ", "files", "sentence", "remedy"),
    [
        (
            {"DOCKER_HOST": "pigeon://x"}, {},
            "DOCKER_HOST is no address of an engine: 'pigeon://x': expected unix:///PATH, tcp://HOST:PORT or ssh://HOST",
            "mend or unset it",
        ),
        (
            {"DOCKER_HOST": "unix:///nowhere/d.sock"}, {},
            "there is no socket /nowhere/d.sock on local (DOCKER_HOST)", "mend DOCKER_HOST, or unset it",
        ),
        (
            {"DOCKER_CONTEXT": "../x"}, {},
            "'../x' can't be the name of a docker context (DOCKER_CONTEXT)", "mend DOCKER_CONTEXT, or unset it",
        ),
        (
            {}, {"{docker}/config.json": '{"currentContext": "gone"}'},
            f"docker on local has no context gone (docker context use): there is no {meta('gone')}",
            "see docker context ls there, and mend it: docker context use default",
        ),
        (
            {"DOCKER_CONTEXT": "bad"}, {meta("bad"): "[]"},
            f"docker's context bad on local (DOCKER_CONTEXT) can't be used: {meta('bad')}: it is no map",
            "docker context rm bad there and make it anew, or mend DOCKER_CONTEXT, or unset it",
        ),
    ],
)  # fmt: skip
def test_what_leads_nowhere_is_said_in_a_sentence(link, tmp_path, monkeypatch, environ, files, sentence, remedy):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    for name, text in files.items():
        path = Path(name.replace("{docker}", str(tmp_path / "docker")))
        path.parent.mkdir(parents=True)
        path.write_text(text)
    with pytest.raises(EngineShut) as caught:
        at(link)
    assert caught.value.message == sentence.replace("{docker}", str(tmp_path / "docker"))
    assert caught.value.remedy == remedy


def test_a_broken_config_is_told_and_gone_on_without_as_docker_does(link, engine, tmp_path):
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "config.json").write_text("{oops")
    (tmp_path / "usual.sock").symlink_to(engine)
    told = connect_engine(HERE, link, os.environ).info()
    assert told.at == str(tmp_path / "usual.sock")
    assert told.aside == f"{tmp_path}/docker/config.json is not read: it is no JSON (line 1, column 2)"
    assert told.remedy == "mend that file"


@pytest.mark.lab
@needs_docker
def test_a_real_engine_by_a_context_of_a_real_docker(link, bench, box):
    make_context("real", f"unix://{bench.daemon.socket}")
    use_context("real")
    engine = connect_engine(HERE, link, os.environ)
    assert box in {one.id for one in engine.workspaces()}
    assert engine.place(box).run(["cat"], input=b"through").stdout == b"through"
    (row,) = [check for check in engine.checkup(gpus=False) if check.name == "engine_at"]
    assert (row.status, row.detail) == ("ok", f"{bench.daemon.socket} (context real by docker context use)")
