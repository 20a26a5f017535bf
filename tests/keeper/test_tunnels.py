"""Tunnels belong to the keeper: some end with their program, the others are there again after it was killed."""

import contextlib
import socket
import threading
import time

import pytest

from gpuws.fleet.events import TunnelsChanged
from gpuws.fleet.local.shared.open_tunnels import OpenTunnels
from gpuws.keeper.home import listen
from gpuws.keeper.server.connection import Connection
from gpuws.keeper.server.leases import Leases
from gpuws.keeper.server.saved import forget_saved, read_tunnels, save
from gpuws.keeper.server.server import Server
from gpuws.model.errors import GpuwsError, TargetError, Unreachable
from gpuws.model.session.notebook import JupyterServer
from gpuws.model.session.tunnel import TunnelPlan, TunnelTarget
from gpuws.model.workspace.workspace import PlaceRef
from tests.keeper.serving import SOON, QuietFleet, until

ALPHA = PlaceRef("alpha")


def alpha(port):
    return TunnelTarget("alpha", None, port)


class Echo:
    """A stream to a server that says everything back."""

    def __init__(self):
        self._near, self._far = socket.socketpair()
        self.recv, self.sendall, self.settimeout = self._near.recv, self._near.sendall, self._near.settimeout
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        try:
            while data := self._far.recv(65536):
                self._far.sendall(data)
            self._far.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def shutdown_write(self):
        self._near.shutdown(socket.SHUT_WR)

    def close(self):
        self._near.close()
        self._far.close()


class Tunnelled(QuietFleet):
    """A demo whose tunnels are real: they lead to an echo. `delay`: an event that opening waits for."""

    def __init__(self, **options):
        super().__init__(**options)
        self.delay = threading.Event()
        self.delay.set()
        self.waiting = threading.Event()
        self.away = False
        self._tunnels = OpenTunnels(self, lambda tunnels: self._emit([TunnelsChanged(tunnels)]))

    def dial_target(self, target):
        if self.away:
            raise Unreachable("away")
        return Echo()

    def seen(self, host):
        return next((s for s in self.snapshots() if s.name == host), None), not self.away

    def open_tunnel(self, target, local_port=None, *, keep=True, bind=""):
        self.waiting.set()
        assert self.delay.wait(SOON)
        return self._tunnels.open(target, local_port, bind)

    def open_jupyter(self, place, local_port=None, *, port=None, keep=True):
        tunnel = self.open_tunnel(TunnelTarget(place.host, None, 8888), local_port)
        return self._tunnels.found(tunnel.id, JupyterServer(8888, token="hush"))

    def close_tunnel(self, tunnel_id):
        self._tunnels.close(tunnel_id)

    def tunnels(self):
        return self._tunnels.list()

    def plans(self):
        return self._tunnels.plans()

    def hold_tunnel(self, target, local_port, *, keep=True, bind=""):
        if target.host not in {s.name for s in self.snapshots()}:
            raise TargetError(f"no host {target.host!r}")
        return self._tunnels.hold(TunnelPlan(target, local_port, bind))

    def close(self):
        super().close()
        self._tunnels.close_all()


@pytest.fixture
def serving(serve):
    return serve(Tunnelled())


def echoed(port, data=b"through"):
    with socket.create_connection(("127.0.0.1", port), SOON) as sock:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        got = b""
        while part := sock.recv(65536):
            got += part
        return got


def free(port):
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) != 0


def test_a_kept_one_outlives_its_program_and_a_borrowed_one_does_not(serving):
    client, other = serving.client(), serving.client()
    kept = client.open_tunnel(alpha(80))
    borrowed = client.open_tunnel(alpha(81), keep=False)
    assert echoed(kept.local_port) == echoed(borrowed.local_port) == b"through"
    until(lambda: len(other.tunnels()) == 2, "both in the other's view")
    client.close()
    until(lambda: free(borrowed.local_port), "the end of the borrowed one")
    assert echoed(kept.local_port) == b"through"
    until(lambda: [one.id for one in other.tunnels()] == [kept.id], "one in the other's view")


def test_two_who_borrow_the_same_and_one_leaves(serving):
    one, other = serving.client(), serving.client()
    port = one.open_tunnel(alpha(81), keep=False).local_port
    assert other.open_tunnel(alpha(81), keep=False).local_port == port
    one.close()
    until(lambda: len(serving.server.clients.names()) == 1, "its end")
    assert echoed(port) == b"through"
    other.close()
    until(lambda: free(port), "the end")


def test_what_is_borrowed_and_then_kept_stays(serving):
    one, other = serving.client(), serving.client()
    port = one.open_tunnel(alpha(81), keep=False).local_port
    other.open_tunnel(alpha(81))
    one.close()
    until(lambda: len(serving.server.clients.names()) == 1, "its end")
    assert echoed(port) == b"through"


def test_a_program_that_leaves_while_its_tunnel_is_opened_leaves_none(serving):
    client = serving.client()
    serving.fleet.delay.clear()

    def open_it():
        with contextlib.suppress(GpuwsError):  # whatever it is told: nobody is there to hear it
            client.open_tunnel(alpha(81), keep=False)

    opener = threading.Thread(target=open_it)
    opener.start()
    assert serving.fleet.waiting.wait(SOON)
    client.close()
    until(lambda: not serving.server.clients.names(), "its end")
    serving.fleet.delay.set()
    opener.join(SOON)
    until(lambda: serving.fleet.tunnels() == (), "the end of its tunnel")
    until(lambda: serving.server.lifetime.ends_in(time.time(), serving.backend) is not None, "nothing that keeps it")


def test_closing_is_for_everybody(serving):
    one, other = serving.client(), serving.client()
    tunnel = one.open_tunnel(alpha(80))
    until(other.tunnels, "it in the other's view")
    other.close_tunnel(tunnel.id)
    until(lambda: not one.tunnels(), "its end in the first's view")
    assert free(tunnel.local_port)
    with pytest.raises(TargetError):
        one.close_tunnel(tunnel.id)


# when the keeper is killed


def die(serving):
    """What kill -9 leaves: the files, and nothing else."""
    server = serving.server
    server._save_tunnels = lambda: None
    server._stop.set()
    serving.thread.join(SOON)
    serving.backend.fleet._tunnels.close_all()


def live_again(serving):
    serving.fleet = Tunnelled()
    serving.begin()


def test_kept_ones_are_there_again_on_their_ports(serving):
    client = serving.client()
    ports = {client.open_tunnel(alpha(number)).local_port for number in (80, 81)}
    gone = client.open_tunnel(alpha(82), keep=False)
    assert {plan.local_port for plan in read_tunnels(serving.home.tunnels)} == ports
    client.close()
    until(lambda: free(gone.local_port))
    die(serving)
    assert all(free(port) for port in ports)
    live_again(serving)
    again = serving.client()
    assert {one.local_port for one in until(again.tunnels, "tunnels")} == ports
    assert all(echoed(port) == b"through" for port in ports)
    assert {plan.local_port for plan in read_tunnels(serving.home.tunnels)} == ports


def test_where_it_takes_connections_and_what_it_leads_to_are_kept_too(serving):
    client = serving.client()
    kept = client.open_tunnel(TunnelTarget("alpha", None, 80, to="db"), bind="127.0.0.2")
    borrowed = client.open_tunnel(alpha(81), keep=False, bind="127.0.0.2")
    until(lambda: len(client.tunnels()) == 2)
    die(serving)
    live_again(serving)
    again = until(lambda: len(serving.client().tunnels()) == 2 and serving.client().tunnels(), "both")
    assert {(one.here, one.target.text) for one in again} == {
        (f"127.0.0.2:{kept.local_port}", "alpha --to db:80"), (f"127.0.0.2:{borrowed.local_port}", "alpha:81"),
    }  # fmt: skip


def test_a_borrowed_one_is_opened_again_by_its_program(serving):
    client = serving.client()
    tunnel = client.open_tunnel(alpha(81), keep=False)
    until(lambda: client.tunnels() and client.tunnels()[0].state == "listening", "it")
    die(serving)
    assert [(one.id, one.local_port) for one in client.tunnels()] == [(tunnel.id, tunnel.local_port)]
    live_again(serving)
    until(lambda: not free(tunnel.local_port), "its port", 20)
    assert echoed(tunnel.local_port) == b"through"
    assert read_tunnels(serving.home.tunnels) == ()
    client.close()
    until(lambda: free(tunnel.local_port), "its end with the program")


def test_a_port_that_somebody_else_has_by_now_is_waited_for_and_the_tunnel_stays_listed(serving):
    client = serving.client()
    lost, other = client.open_tunnel(alpha(80)), client.open_tunnel(alpha(81))
    client.close()
    die(serving)
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", lost.local_port))
        squatter.listen()
        live_again(serving)
        client = serving.client()
        until(lambda: len(client.tunnels()) == 2, "both")
        states = {one.id: (one.local_port, one.state) for one in client.tunnels()}
        assert states == {lost.id: (lost.local_port, "taken"), other.id: (other.local_port, "listening")}
        assert {plan.target.port for plan in read_tunnels(serving.home.tunnels)} == {80, 81}
        with pytest.raises(GpuwsError, match="in use"):  # who asks for it now is told
            client.open_tunnel(alpha(80))
    until(lambda: {one.state for one in client.tunnels()} == {"listening"}, "its port")
    assert echoed(lost.local_port) == b"through"


def test_a_host_that_is_gone_from_the_configuration_costs_its_tunnels_alone(serving):
    client = serving.client()
    client.open_tunnel(alpha(80))
    client.open_tunnel(TunnelTarget("bravo", None, 80))
    client.close()
    die(serving)
    serving.fleet = Tunnelled(hosts=("bravo", "local"))
    serving.begin()
    assert [one.id for one in until(serving.client().tunnels, "tunnels")] == ["bravo:80"]


def test_a_notebooks_token_is_in_no_file_and_that_it_is_one_is_remembered(serving):
    client = serving.client()
    assert "hush" in client.open_jupyter(ALPHA).url
    assert b"hush" not in serving.home.tunnels.read_bytes()
    client.close()
    die(serving)
    live_again(serving)
    (tunnel,) = until(serving.client().tunnels, "it")
    assert (tunnel.url, tunnel.target.kind) == (None, "notebook")  # whoever holds the fleet looks for its server


def test_they_outlive_what_a_logout_or_a_reboot_takes(serving):
    client = serving.client()
    port = client.open_tunnel(alpha(80)).local_port
    client.close()
    die(serving)
    assert serving.home.paths.state_dir in serving.home.tunnels.parents
    for left in serving.home.directory.glob("k.*"):
        left.unlink()
    live_again(serving)
    assert [one.local_port for one in until(serving.client().tunnels, "it")] == [port]


def test_many_opened_at_once_are_all_written_down(serving):
    client = serving.client()
    threads = [threading.Thread(target=client.open_tunnel, args=(alpha(number),)) for number in range(100, 120)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    assert {plan.target.port for plan in read_tunnels(serving.home.tunnels)} == set(range(100, 120))


@pytest.mark.parametrize("forget", [False, True])
def test_a_keeper_that_is_told_to_end_keeps_them_or_forgets_them(serving, forget):
    client = serving.client()
    tunnel = client.open_tunnel(alpha(80))
    client.close()
    assert serving.dialer().retire(forget=forget)
    assert free(tunnel.local_port)
    assert bool(read_tunnels(serving.home.tunnels)) is not forget
    assert serving.home.tunnels.exists() is not forget


def test_being_told_to_end_returns_when_all_is_given_back(serving):
    serving.client().close()
    serving.backend.let_close.clear()
    threading.Timer(0.2, serving.backend.let_close.set).start()
    assert serving.dialer().retire(forget=False)
    assert serving.backend.closed.is_set()
    assert not serving.home.socket.exists()


# the file


PLANS = (
    TunnelPlan(TunnelTarget("alpha", "jup", 8888, "notebook"), 20001),
    TunnelPlan(TunnelTarget("bravo", None, 80), 20002),
)


def test_the_file_is_private_and_says_what_was_written(tmp_path):
    path = tmp_path / "k.tunnels"
    save(path, PLANS)
    assert read_tunnels(path) == PLANS
    assert path.stat().st_mode & 0o077 == 0
    forget_saved(path)
    forget_saved(path)
    assert read_tunnels(path) == ()


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]x", b'[{"place": 7}]', b"\xff\xfe", b'[{"host": "../../etc"}]', b"[" * 100000, b'[{"pl\xff": 1}]'],
)
def test_a_file_that_makes_no_sense_is_none(tmp_path, text):
    path = tmp_path / "k.tunnels"
    path.write_bytes(text)
    assert read_tunnels(path) == ()


def test_a_file_that_can_not_be_read_or_written_costs_the_memory_alone(tmp_path):
    (tmp_path / "k.tunnels").mkdir()
    assert read_tunnels(tmp_path / "k.tunnels") == ()
    save(tmp_path / "k.tunnels", PLANS)
    save(tmp_path / "no" / "k.tunnels", PLANS)
    forget_saved(tmp_path / "k.tunnels")


# leases


def test_leases():
    leases = Leases()
    leases.take("a", "me", keep=False)
    leases.take("a", "you", keep=False)
    leases.take("b", "me", keep=True)
    leases.take("c", "me", keep=False)
    assert leases.end("me") == ["c"]
    assert leases.kept("b")
    assert not leases.kept("a")
    assert not leases.kept("nowhere")
    leases.drop("b")
    assert not leases.kept("b")
    assert leases.end("you") == ["a"]
    assert leases.end("you") == []


def test_a_server_without_a_socket_file_still_ends(serve, short_path):
    serving = serve()
    serving.home.socket.unlink()
    serving.server.retire()
    serving.thread.join(SOON)
    assert not serving.thread.is_alive()
    Server(serving.home, listen(serving.home), lambda: None, Connection).close()
