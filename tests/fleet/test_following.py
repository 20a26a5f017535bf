"""A tunnel's notebook is found again by itself: with another token, on another port, in another container of its name.

The servers are real HTTP servers of this machine; where they are is made up."""

import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from gpuws.fleet.local.shared import following, notebooks
from gpuws.fleet.local.shared.following import Follower
from gpuws.fleet.local.shared.notebooks import open_jupyter
from gpuws.fleet.local.shared.open_tunnels import OpenTunnels
from gpuws.fleet.local.shared.places import Places
from gpuws.link.streams import SocketStream
from gpuws.model.errors import GpuwsError, TargetError
from gpuws.model.session.notebook import JupyterServer
from gpuws.model.session.tunnel import TunnelTarget
from gpuws.model.session.tunnel_state import absence, bearer
from gpuws.model.workspace.workspace import PlaceRef
from tests.factories import container, snapshot

SOON = 20.0
JUP = PlaceRef("alpha", "1" * 64)


@contextmanager
def jupyter(token, port=0):
    """Answers to that token, and leads to its lab."""

    class Status(BaseHTTPRequestHandler):
        def do_GET(self):
            known = self.headers.get("Authorization") == f"token {token}"
            self.send_response((302 if self.path == "/" else 200) if known else 403)
            self.send_header("Location", "/lab?")
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), Status) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield JupyterServer(server.server_port, token=token)
        server.shutdown()


class Lab:
    """alpha, with one container that is called jup, and the servers that a search finds there."""

    def __init__(self):
        self.servers = ()
        self.searches = self.looks = 0
        self.mine = True
        self.put("1" * 64)
        self.tunnels = OpenTunnels(self, lambda _: None, self._look)
        self.follower = Follower(self, self.tunnels)

    def _look(self, tunnels):
        self.follower.look(tunnels)
        self.looks += 1

    def put(self, workspace_id):
        listed = (container("jup", id=workspace_id),) if workspace_id else ()
        self.snapshot = snapshot(workspaces=listed)

    def seen(self, host):
        return self.snapshot, True

    def label(self, ref):
        return "alpha/jup"

    def target(self, ref, port):
        return TunnelTarget("alpha", "jup", port)

    def read(self, target):
        return self.mine

    def list_seldom(self, hosts, now):
        assert hosts == {"alpha"}

    def may_search(self, target):
        return self.mine

    def dial_target(self, target):
        if why := absence(target, bearer(target, self.snapshot.workspaces)):
            raise TargetError(why)
        try:
            return SocketStream(socket.create_connection(("127.0.0.1", target.port), 5), target.text)
        except OSError as error:
            raise GpuwsError("refused") from error

    def until(self, holds):
        deadline = time.monotonic() + SOON
        while not holds(*self.tunnels.list()):
            assert time.monotonic() < deadline, self.tunnels.list()
            time.sleep(0.02)


@pytest.fixture
def lab(monkeypatch):
    lab = Lab()

    def look_for(places, ref):
        lab.searches += 1
        return lab.servers

    monkeypatch.setattr(notebooks, "look_for", look_for)
    monkeypatch.setattr(following, "look_for", look_for)
    monkeypatch.setattr(following, "ASK", 0.2)
    monkeypatch.setattr(following, "FIRST", 0.1)
    monkeypatch.setattr("gpuws.fleet.local.shared.open_tunnels.REPORT", 0.05)
    yield lab
    lab.mine = False  # no new search begins, and none goes on with what was put in place of the real ones
    for thread in threading.enumerate():
        if thread.name == following.THREAD:
            thread.join(SOON)
    lab.tunnels.close_all()


def opened(lab, server):
    lab.servers = (server,)
    return open_jupyter(lab, lab.tunnels, JUP, None, 5.0)


def test_what_is_opened_has_answered_through_the_tunnel(lab):
    with jupyter("a") as server:
        tunnel = opened(lab, server)
    assert tunnel.url == f"http://127.0.0.1:{tunnel.local_port}/lab?token=a"
    assert (tunnel.state, tunnel.workspace) == ("up", JUP.workspace)
    assert tunnel.bytes_in > 0


def test_the_token_of_what_is_open_is_at_hand_as_long_as_it_is(lab):
    with jupyter("a") as server:
        tunnel = opened(lab, server)
        [found] = lab.tunnels.servers("alpha")
        assert (found.server.token, found.container) == ("a", "jup")
        found.dial().close()
    assert lab.tunnels.servers("bravo") == ()
    lab.put("")
    lab.until(lambda tunnel: tunnel.state == "gone")
    assert lab.tunnels.servers("alpha") == ()  # nothing bears its name
    lab.tunnels.close(tunnel.id)
    assert lab.tunnels.servers("alpha") == ()


def test_a_tunnel_says_at_once_that_its_server_was_ended(lab):
    with jupyter("a") as server:
        assert opened(lab, server).state == "up"
    lab.servers = ()
    notebooks.see_gone(lab.tunnels, JUP, JupyterServer(1))
    notebooks.see_gone(lab.tunnels, JUP, server)
    [tunnel] = lab.tunnels.list()
    assert tunnel.state == "refuses"


def test_a_server_that_does_not_answer_leaves_no_tunnel_behind(lab, monkeypatch):
    with jupyter("a") as server:
        pass
    lab.servers = (server,)
    with pytest.raises(GpuwsError, match=r"does not answer: refused"):
        open_jupyter(lab, lab.tunnels, JUP, None, 0.0)
    assert lab.tunnels.list() == ()


def test_another_token_after_a_restart(lab):
    with jupyter("a") as server:
        port = opened(lab, server).local_port
    with jupyter("b", server.port) as server:
        lab.servers = (server,)
        lab.until(lambda one: one.url and one.url.endswith("token=b"))
        lab.until(lambda one: one.state == "up")
    assert lab.tunnels.list()[0].local_port == port


def test_a_server_that_moved_is_led_to_on_the_same_local_port(lab):
    with jupyter("a") as server:
        before = opened(lab, server)
    with jupyter("c") as moved:
        lab.servers = (moved,)
        lab.until(lambda one: one.url == f"http://127.0.0.1:{before.local_port}/lab?token=c" and one.state == "up")
        (now,) = lab.tunnels.list()
        assert (now.id, now.target.port, now.local_port) == (before.id, moved.port, before.local_port)
        assert open_jupyter(lab, lab.tunnels, JUP, None, 5.0).id == before.id  # asked for again, it is the same


def test_asked_for_again_before_anybody_looked_it_is_the_same_tunnel(lab):
    with jupyter("a") as server:
        before = opened(lab, server)
    lab.mine = False  # nobody looks by itself
    with jupyter("c") as moved:
        assert opened(lab, moved).local_port == before.local_port


def test_gone_and_there_again_under_the_same_name(lab):
    with jupyter("a") as server:
        opened(lab, server)
    lab.put(None)
    lab.until(lambda one: (one.state, one.error) == ("gone", "alpha has no container jup"))
    with jupyter("d", server.port) as server:
        lab.servers = (server,)
        lab.put("2" * 64)
        lab.until(lambda one: one.url.endswith("token=d") and (one.state, one.workspace) == ("up", "2" * 64))


def test_a_web_server_that_ended_is_known_without_anybody_asking_for_a_page(lab):
    with jupyter("a") as server:
        tunnel = lab.tunnels.open(TunnelTarget("alpha", "jup", server.port), None)
        assert tunnel.state == "listening"
        with socket.create_connection(("127.0.0.1", tunnel.local_port), SOON) as sock:
            sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert sock.recv(4) == b"HTTP"
        lab.until(lambda one: (one.state, one.speaks) == ("up", "http"))
    lab.until(lambda one: one.state == "refuses")
    with jupyter("a", server.port):
        lab.until(lambda one: one.state == "up")


def test_a_port_of_which_nothing_is_known_is_never_connected_to(lab):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        lab.tunnels.open(TunnelTarget("alpha", "jup", server.getsockname()[1]), None)
        lab.looks = 0
        lab.until(lambda _: lab.looks > 8)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_hosts_that_nobody_reads_are_listed_now_and_then():
    class Resting:
        linked, listing, listed = True, False, 0

        def list_again(self, since):
            self.listed += 1
            done.set()

    done, host = threading.Event(), Resting()

    class Hosts:
        def find(self, name):
            return host

    places = Places(Hosts())
    places.list_seldom({"alpha"}, 100.0)
    assert done.wait(SOON)
    places.list_seldom({"alpha"}, 120.0)
    done.clear()
    places.list_seldom({"alpha"}, 131.0)
    assert done.wait(SOON)
    host.listing = True  # somebody reads it
    places.list_seldom({"alpha"}, 300.0)
    assert host.listed == 2


def test_nothing_is_looked_for_in_what_is_not_mine(lab):
    lab.mine = False
    with jupyter("a") as server:
        opened(lab, server)
    lab.searches = 0
    lab.put("2" * 64)
    lab.until(lambda one: one.workspace == "2" * 64)
    seen = lab.looks
    lab.until(lambda _: lab.looks > seen + 5)
    assert lab.searches == 0
