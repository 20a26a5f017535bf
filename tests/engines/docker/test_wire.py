"""What an engine may send, over a real socket: the pieces it comes in, its end, its nonsense."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from functools import partial

import pytest

from gpuws.engines.docker.api import client, http, server
from gpuws.engines.docker.api.http import request
from gpuws.engines.docker.api.pool import RESTING
from gpuws.engines.docker.connect import connect_engine
from gpuws.link.local.local import LocalLink
from gpuws.model.errors import GpuwsError
from gpuws.model.host.host import DockerAccess, Host
from gpuws.model.session.terminal import Size
from gpuws.model.workspace.logs import LogWindow
from tests.engines.docker.wire import read_head, reply, serving


@pytest.fixture
def path(tmp_path):
    return tmp_path / "s"


@contextlib.contextmanager
def engine(path, script):
    link = LocalLink()
    with serving(path, script):
        yield connect_engine(Host("alpha", docker=DockerAccess(socket=str(path))), link, {})
    link.close()


def dial(path):
    return partial(LocalLink().dial_unix, str(path))


def test_bytes_behind_the_head_of_a_handed_over_connection_are_kept(path):
    def script(peer, head):
        peer.sendall(b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nFIRST")
        time.sleep(0.1)
        peer.sendall(b"SECOND")

    with serving(path, script), request(dial(path), "POST", "/exec/1/start", timeout=5) as got:
        assert got.status == 101
        assert got.recv() == b"FIRST"
        assert got.recv() == b"SECOND"
        assert got.recv() == b""


def test_a_body_whose_end_is_the_connections_end(path):
    body = b'{"Id": "x", "pad": "' + b"a" * 2_000_000 + b'"}'

    def script(peer, head):
        peer.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body)

    with engine(path, script) as one:
        assert len(str(one.inspect("x")["pad"])) == 2_000_000


@pytest.mark.parametrize(("end", "well"), [(b"0\r\n\r\n", True), (b"", False)])
def test_a_pull_whose_engine_is_killed_is_no_success(path, end, well):
    def script(peer, head):
        line = b'{"status": "Downloading", "id": "a"}\n'
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        peer.sendall(head + f"{len(line):x}\r\n".encode() + line + b"\r\n" + end)

    with engine(path, script) as one:
        broken = pytest.raises(GpuwsError, match="it ended in the middle")
        with contextlib.nullcontext() if well else broken:
            one.images.pull("torch:9", lambda step: None, threading.Event())


def test_a_stale_connection_is_replaced(path):
    def script(peer, head):
        peer.sendall(reply(b'{"Id": "x"}'))  # and closes, as a restarted engine would

    with engine(path, script) as one:
        for _ in range(3):
            assert one.inspect("x")["Id"] == "x"


def test_a_connection_serves_call_after_call(path):
    heads = []

    def script(peer, head):
        while head:
            heads.append((peer, head.split(b" HTTP")[0]))
            bare = b"HTTP/1.1 204 No Content\r\n\r\n"
            peer.sendall(bare if head.startswith(b"POST") else reply(b'{"Id": "x"}'))
            head = read_head(peer)

    with engine(path, script) as one:
        one.act("x", "start")  # a reply without a body, and without a word about its length
        assert one.inspect("x")["Id"] == "x"
        one.act("x", "remove", force=True)
    assert [head for _, head in heads] == [
        *(b"POST /v1.41/containers/x/start", b"GET /v1.41/containers/x/json", b"DELETE /v1.41/containers/x?force=1")
    ]
    assert len({peer for peer, _ in heads}) == 1


def test_a_terminal_takes_two_round_trips_on_the_connection_of_the_last_call(path):
    """20 ms each way make 40 of each round trip; an engine before 1.42 answers a size once the program runs."""
    calls, sized = [], threading.Event()

    def script(peer, head):
        while head:
            path = head.split(b" HTTP")[0].split(b"/v1.41")[1]
            length = next((int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")), 0)
            while length:
                length -= len(peer.recv(length))
            calls.append((path, peer))
            if path.endswith(b"/start"):
                peer.sendall(b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
                peer.sendall(b"got " + peer.recv(4))
                return
            if b"/resize" in path:
                sized.wait(20)
            peer.sendall(reply(b'{"Id": "e"}'))
            head = read_head(peer)

    with engine(path, script) as one:
        one.inspect("x")
        terminal = one.place("x").interactive(["sh"], Size(90, 30))  # waits for no size
        typing = threading.Thread(target=terminal.sendall, args=(b"keys",))
        typing.start()
        typing.join(0.2)
        assert typing.is_alive()  # what is typed comes behind it
        sized.set()
        assert terminal.recv() == b"got keys"
        typing.join()
        began = [path for path, _ in calls]
        assert began == [b"/containers/x/json", b"/containers/x/exec", b"/exec/e/start", b"/exec/e/resize?h=30&w=90"]
        assert len({peer for path, peer in calls if b"resize" not in path}) == 1


def test_after_many_calls_at_once_few_connections_stay(path):
    rows = [{"Id": f"{number:064x}", "Names": [f"/c{number}"], "State": "running"} for number in range(8)]
    together, ended = threading.Barrier(len(rows)), threading.Semaphore(0)

    def script(peer, head):
        while head:
            if b"/containers/json" in head:
                peer.sendall(reply(json.dumps(rows).encode()))
            else:
                together.wait(20)
                peer.sendall(reply(b"{}"))
            head = read_head(peer)
        ended.release()

    with engine(path, script) as one:
        assert len(one.workspaces()) == len(rows)
        for _ in range(len(rows) - RESTING):
            assert ended.acquire(timeout=20)


def test_an_engine_that_hangs_is_given_up(path, monkeypatch):
    monkeypatch.setattr(client, "CALL_TIMEOUT", 1.0)
    with engine(path, lambda peer, head: time.sleep(30)) as one:
        began = time.monotonic()
        with pytest.raises(GpuwsError, match="Docker on alpha does not answer"):
            one.inspect("x")
        assert time.monotonic() - began < 5


def test_an_engine_that_hangs_before_it_greets(path, monkeypatch):
    monkeypatch.setattr(server, "GREETING_TIMEOUT", 0.5)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(path))
        silent.listen()
        with pytest.raises(GpuwsError, match="Docker on alpha does not answer"):
            connect_engine(Host("alpha", docker=DockerAccess(socket=str(path))), LocalLink(), {})


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        reply(b"not json"),
        reply(b"[1, 2"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"",
    ],
)
def test_nonsense_is_one_sentence(path, answer):
    with engine(path, lambda peer, head: peer.sendall(answer)) as one:
        calls = (one.workspaces, partial(one.inspect, "x"), lambda: list(one.changes(threading.Event())))
        for call in calls:
            with pytest.raises(GpuwsError, match="Docker on alpha"):
                call()


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b"7", b'[{}, 7, {"Id": 3}]'])
def test_answers_of_another_shape_are_no_containers(path, body):
    with engine(path, lambda peer, head: peer.sendall(reply(body))) as one:
        assert one.workspaces() == []
        with pytest.raises(GpuwsError, match="Docker on alpha"):
            one.place("x").run(["id"])


def test_half_a_character_can_be_sent_on(path):
    body = rb'[{"Id": "%s", "Names": ["/x\ud800"], "Labels": {"a\uDFFF": "\ud83d\ude00"}}]' % (b"c" * 64)

    def script(peer, head):
        peer.sendall(reply(body if b"/containers/json" in head else b"{}"))

    with engine(path, script) as one:
        (found,) = one.workspaces()
    assert (found.name, found.labels) == ("x?", {"a?": "\U0001f600"})


def test_nesting_without_end(path):
    with (
        engine(path, lambda peer, head: peer.sendall(reply(b"[" * 1_000_000))) as one,
        pytest.raises(GpuwsError, match="Docker on alpha gave an answer that makes no sense"),
    ):
        one.workspaces()


def test_a_reply_without_end_is_cut(path, monkeypatch):
    monkeypatch.setattr(http, "LARGEST_JSON", 1 << 20)

    def script(peer, head):
        peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n[")
        with contextlib.suppress(OSError):
            while True:
                peer.sendall(b"1," * 50_000)

    with engine(path, script) as one, pytest.raises(GpuwsError, match="a reply of more than 1 MiB"):
        one.workspaces()


def test_an_engines_refusal_is_quoted_as_data(path):
    answer = reply(b'{"message": "no \\u001b[31mway\\nhome"}', "500 Internal Server Error")
    with engine(path, lambda peer, head: peer.sendall(answer)) as one:
        with pytest.raises(GpuwsError) as caught:
            one.act("x", "start")
        assert caught.value.message == "Docker on alpha refuses: no  [31mway home"
        with pytest.raises(GpuwsError, match=r"no  \[31mway home"):
            one.logs("x", LogWindow())


@pytest.mark.parametrize(
    ("told", "chosen"),
    [
        ({"ApiVersion": "1.41", "MinAPIVersion": "1.12"}, "1.41"),
        ({"ApiVersion": "1.52", "MinAPIVersion": "1.44"}, "1.45"),
        ({"ApiVersion": "1.45"}, "1.45"),
    ],
)
def test_versions(told, chosen):
    assert server.choose_version(told, "alpha", "Docker") == chosen


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"ApiVersion": "1.39", "MinAPIVersion": "1.12"}, "Docker 18.9 on alpha is too old for gpuws"),
        ({"ApiVersion": "1.60", "MinAPIVersion": "1.50"}, "Docker 18.9 on alpha is newer than this gpuws knows"),
        ({"ApiVersion": "x.y"}, "too old"),
    ],
)
def test_versions_that_do_not_meet(told, said):
    with pytest.raises(GpuwsError, match=said):
        server.choose_version(told, "alpha", "Docker 18.9")
