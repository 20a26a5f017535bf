"""What listens in real containers and on a real host, and tunnels to it, whatever network a container has."""

import contextlib
import json
import os
import socket
import time

import pytest

from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.setup import open_fleet, real_setup
from gpuws.model.errors import UsageError
from gpuws.model.host.host import HostState
from gpuws.model.ownership.identity import FROM_LABEL, OWNER_LABEL
from gpuws.model.session.tunnel_state import led_to
from gpuws.model.workspace.workspace import PlaceRef
from tests.lab import docker_api

pytestmark = [pytest.mark.lab, pytest.mark.timeout(120)]
ALPHA = PlaceRef("alpha")
SOON = 30.0
PAGE, HIDDEN, SOCKET = 7461, 7462, "/tmp/app.sock"
MOVES = 7463  # and the next one
NOT_MINE = {OWNER_LABEL: "somebody-else"}
# A page on all addresses, another on the loopback, and a unix socket; the ports are on its command line.
SERVER = """
import os, socket, sys, threading
def serve(server, title):
    while True:
        sock, _ = server.accept()
        with sock:
            sock.recv(4096)
            sock.sendall(b"HTTP/1.1 200 OK\\r\\nConnection: close\\r\\n\\r\\n<title>" + title + b"</title>")
if len(sys.argv) > 3:  # nothing is left that could be executed
    for folder in ("/bin", "/usr/bin", "/usr/local/bin"):
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            os.path.isdir(path) or os.remove(path)
unix = socket.socket(socket.AF_UNIX)
unix.bind("/tmp/app.sock")
unix.listen()
for server, title in (
    (socket.create_server(("0.0.0.0", int(sys.argv[1]))), b"TensorBoard"),
    (socket.create_server(("127.0.0.1", int(sys.argv[2]))), b"Streamlit"),
    (unix, b"Unix"),
):
    threading.Thread(target=serve, args=(server, title)).start()
"""


def until(holds):
    deadline = time.monotonic() + SOON
    while not (found := holds()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


@pytest.fixture(scope="module")
def fleet(lab):
    setup = real_setup(Options(config_dir=str(lab.config_dir)))
    with open_fleet(setup, ("alpha",)) as fleet:
        until(lambda: all("containers" in s.complete and s.state is HostState.UP for s in fleet.snapshots()))
        yield fleet


@pytest.fixture
def serving(fleet):
    """Containers that serve, each with a network of its own kind; `mine`: as its label says."""
    made = []

    def run(network="default", *, mine=True, bare=False):
        (snapshot,) = fleet.snapshots()
        body = {
            "Image": "gpuws-lab/workspace:latest",
            "Cmd": ["python3", "-c", SERVER, str(PAGE), str(HIDDEN), *(["bare"] if bare else [])],
            "Labels": {OWNER_LABEL: snapshot.me.owner, FROM_LABEL: snapshot.me.workstation} if mine else NOT_MINE,
            "HostConfig": {"NetworkMode": network},
        }
        name = f"listens-{os.getpid()}-{len(made)}"
        made.append(docker_api.call("alpha", "POST", "/containers/create", query={"name": name}, body=body)["Id"])
        docker_api.call("alpha", "POST", f"/containers/{made[-1]}/start")
        until(lambda: any(one.id == made[-1] and one.alive for one in fleet.snapshots()[0].workspaces))
        return PlaceRef("alpha", made[-1])

    yield run
    for one in made:
        docker_api.call("alpha", "DELETE", f"/containers/{one}", query={"force": "1"})


MARIMO = """
import socket, sys
server = socket.create_server(("0.0.0.0", int(sys.argv[1])))
while True:
    sock, _ = server.accept()
    with sock:
        sock.recv(4096)
        sock.sendall(b"HTTP/1.1 200 OK\\r\\nConnection: close\\r\\n\\r\\n<title>marimo</title>")
"""


def port_of(fleet, place, number, *, to="", service=""):
    return led_to(place, fleet.snapshots()[0].workspaces, number, to=to, service=service)


@contextlib.contextmanager
def marimo(fleet, place, port):
    """It listens there, and nowhere when this is over."""

    def listens():
        return port in {one.port for one in fleet.listening_ports(place) if one.service == "marimo"}

    process = fleet.popen(place, ["python3", "-c", MARIMO, str(port)])
    try:
        until(listens)
        yield
    finally:
        process.close()
        until(lambda: not listens())


def found(fleet, place):
    """Once it listens: service and process of each port."""
    until(lambda: {PAGE, HIDDEN} <= {one.port for one in fleet.listening_ports(place)})
    return {one.port: (one.service, one.process) for one in fleet.listening_ports(place)}


def page(tunnel):
    """The title behind it."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", tunnel.local_port), SOON) as sock:
        sock.settimeout(SOON)
        sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
        answer = b""
        while data := sock.recv(4096):
            answer += data
        return answer.decode().partition("<title>")[2].partition("<")[0]
    return ""


def executed(container, since):
    """Programs that were executed in it."""
    query = {"since": int(since), "until": int(time.time()) + 1, "filters": json.dumps({"container": [container]})}
    with docker_events(query) as lines:
        return [line for line in lines if line.get("Action", "").startswith("exec_")]


@contextlib.contextmanager
def docker_events(query):
    from http.client import HTTPConnection
    from urllib.parse import urlencode

    connection = HTTPConnection("localhost", timeout=SOON)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(docker_api.socket_path("alpha")))
    try:
        connection.request("GET", f"/v1.41/events?{urlencode(query)}")
        yield [json.loads(line) for line in connection.getresponse().read().splitlines() if line]
    finally:
        connection.close()


def test_in_what_is_not_mine_nothing_is_executed_and_its_loopback_not_asked(fleet, serving):
    began = time.time()
    place = serving(mine=False)
    assert found(fleet, place) == {PAGE: ("tensorboard", "python3"), HIDDEN: ("tcp", "python3")}
    assert executed(place.workspace, began) == []


def test_where_nothing_can_be_executed_a_port_is_told_and_reached_by_its_address(fleet, serving):
    place = serving(bare=True)
    assert found(fleet, place) == {PAGE: ("tensorboard", "python3"), HIDDEN: ("tcp", "python3")}
    tunnel = fleet.open_tunnel(port_of(fleet, place, PAGE))
    assert page(tunnel) == "TensorBoard"
    fleet.close_tunnel(tunnel.id)


@pytest.mark.parametrize("network", ["default", "host", "none"])
def test_whatever_its_network_is_what_is_mine_is_told_and_reached(fleet, serving, network):
    place = serving(network)
    assert found(fleet, place) == {PAGE: ("tensorboard", "python3"), HIDDEN: ("streamlit", "python3")}
    for port, title in ((PAGE, "TensorBoard"), (HIDDEN, "Streamlit")):
        tunnel = fleet.open_tunnel(port_of(fleet, place, port))
        assert page(tunnel) == title
        fleet.close_tunnel(tunnel.id)


def test_a_service_that_restarted_on_another_port_is_led_to_by_its_name(fleet, serving):
    place = serving()
    with marimo(fleet, place, MOVES):
        tunnel = fleet.open_tunnel(port_of(fleet, place, MOVES, service="marimo"))
        assert page(tunnel) == "marimo"
    assert page(tunnel) == ""
    shut = next(one for one in fleet.tunnels() if one.id == tunnel.id)
    assert (shut.state, shut.error.partition(": ")[2]) == ("refuses", "marimo does not listen there")
    with marimo(fleet, place, MOVES + 1):
        until(lambda: page(tunnel) == "marimo")  # it was looked for a moment ago
        now = next(one for one in fleet.tunnels() if one.id == tunnel.id)
        assert (now.target.text, now.local_port) == (tunnel.target.text, tunnel.local_port)
        assert (now.target.port, now.state) == (MOVES + 1, "up")
    fleet.close_tunnel(tunnel.id)


def test_in_the_network_of_another_container(fleet, serving):
    other = serving()
    (here,) = [one for one in fleet.snapshots()[0].workspaces if one.id == other.workspace]
    body = {
        "Image": "gpuws-lab/workspace:latest",
        "Cmd": ["sleep", "300"],
        "HostConfig": {"NetworkMode": f"container:{other.workspace}"},
    }
    made = docker_api.call("alpha", "POST", "/containers/create", query={"name": f"{here.name}-side"}, body=body)["Id"]
    try:
        docker_api.call("alpha", "POST", f"/containers/{made}/start")
        until(lambda: any(one.id == made and one.alive for one in fleet.snapshots()[0].workspaces))
        found(fleet, other)
        tunnel = fleet.open_tunnel(port_of(fleet, PlaceRef("alpha", made), PAGE))
        assert page(tunnel) == "TensorBoard"
        fleet.close_tunnel(tunnel.id)
    finally:
        docker_api.call("alpha", "DELETE", f"/containers/{made}", query={"force": "1"})


def test_unix_sockets_and_machines_behind_the_host(fleet, serving):
    place = serving()
    found(fleet, place)
    inside = fleet.open_tunnel(port_of(fleet, place, 0, to=SOCKET))
    assert page(inside) == "Unix"
    network = docker_api.call("alpha", "GET", f"/containers/{place.workspace}/json")["NetworkSettings"]
    behind = fleet.open_tunnel(port_of(fleet, ALPHA, PAGE, to=network["IPAddress"]))
    assert behind.target.text == f"alpha --to {network['IPAddress']}:{PAGE}"
    assert page(behind) == "TensorBoard"
    nowhere = fleet.open_tunnel(port_of(fleet, ALPHA, 0, to="/nowhere.sock"))
    assert page(nowhere) == ""
    assert next(one for one in fleet.tunnels() if one.id == nowhere.id).state == "refuses"
    with pytest.raises(UsageError, match="reached from a host"):
        fleet.open_tunnel(port_of(fleet, place, 5432, to="db"))
    for one in (inside, behind, nowhere):
        fleet.close_tunnel(one.id)


def test_a_host_tells_its_own(fleet):
    assert {22: "tcp"}.items() <= {one.port: one.service for one in fleet.listening_ports(ALPHA)}.items()
