"""Servers found by their runtime files, and asked over a stream."""

import hashlib
import json
import socket
import ssl
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from gpuws.jupyter import servers
from gpuws.jupyter.answers import answers, certificate, landing, unlocked
from gpuws.link.streams import SocketStream
from gpuws.model.errors import GpuwsError
from gpuws.model.session.notebook import JupyterServer
from tests.jupyter.conftest import TOKEN, UNSET, found
from tests.probe.local_place import LocalPlace


def dial(port):
    return SocketStream(socket.create_connection(("127.0.0.1", port)), f"port {port}")


@pytest.mark.xdist_group("jupyter")
@pytest.mark.timeout(300)
def test_a_real_lab_is_found_and_answers(lab, tmp_path):
    [server] = found(lab)
    assert (server.base_url, server.token, server.root_dir) == ("/user/ann/", TOKEN, lab.env["HOME"])
    assert server.pid
    assert answers(dial(server.port), server)
    wrong = JupyterServer(server.port, server.base_url, "wrong")
    with pytest.raises(GpuwsError, match="refuses its token"):
        answers(dial(server.port), wrong)
    with pytest.raises(GpuwsError, match="does not answer as Jupyter at /elsewhere/"):
        answers(dial(server.port), JupyterServer(server.port, "/elsewhere/", TOKEN))
    assert landing(dial(server.port), server) == "lab"
    elsewhere = LocalPlace({**UNSET, "HOME": str(tmp_path)})  # its record is found by its process, too
    elsewhere.pids = lab.pids
    assert found(elsewhere) == found(elsewhere, anyone=True) == [server]


def runtime_file(folder, pid, port, **fields):
    row = {"port": port, "base_url": "/", "token": TOKEN, "root_dir": "/work", "pid": pid, "secure": False, **fields}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"jpserver-{pid}.json").write_text(json.dumps(row, indent=2))


@pytest.fixture
def place(tmp_path):
    place = LocalPlace({**UNSET, "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})
    place.pids = set()
    return place


LISTEN = """
import socket, sys
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
sys.stdin.read()
"""


@pytest.fixture
def process(place):
    """Start processes that listen; each's pid and port."""
    started = []

    def start(word="jupyter-lab"):
        command = [sys.executable, "-c", LISTEN, word]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(child)
        place.pids.add(child.pid)
        return child.pid, int(child.stdout.readline())

    yield start
    for child in started:
        child.kill()
        child.wait()
        child.stdin.close()
        child.stdout.close()


@pytest.mark.parametrize(
    ("name", "where"),
    [
        (None, ".local/share/jupyter/runtime"),
        ("JUPYTER_RUNTIME_DIR", "here"),
        ("JUPYTER_DATA_DIR", "here/runtime"),
        ("XDG_DATA_HOME", "here/jupyter/runtime"),
    ],
)
def test_runtime_files_are_found_where_jupyter_puts_them(place, process, tmp_path, name, where):
    if name:
        place.env[name] = str(tmp_path / "here")
    pid, port = process()
    runtime_file(tmp_path / where, pid, port)
    place.noise = 'R 1 {"port": 1}\\n'
    [server] = found(place)
    assert (server.port, server.token, server.root_dir) == (port, TOKEN, "/work")


def test_servers_that_are_gone_are_not_found(place, process, tmp_path):
    folder = tmp_path / ".local/share/jupyter/runtime"
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    place.pids.add(gone.pid)
    runtime_file(folder, gone.pid, 1001)
    pid, port = process("something-else")
    runtime_file(folder, pid, port + 1 if port < 65535 else 1)
    assert found(place) == []


def test_a_record_elsewhere_is_found_by_the_environment_of_its_process(place, tmp_path, monkeypatch, process):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "elsewhere"))
    pid, port = process()
    runtime_file(tmp_path / "elsewhere", pid, port)
    [server] = found(place)
    assert (server.port, server.token) == (port, TOKEN)


def test_the_ports_asked_for_come_first(place, process, tmp_path):
    folder = tmp_path / ".local/share/jupyter/runtime"
    there = sorted((process() for _ in range(3)), key=lambda each: each[1])
    for pid, port in there:
        runtime_file(folder, pid, port)
    first, second, last = [port for _, port in there]
    assert [server.port for server in found(place, ports=[last])] == [last, first, second]


@pytest.mark.parametrize(
    ("server", "unlocked", "said"),
    [
        (JupyterServer(1, token="t"), False, ""),
        (JupyterServer(1, token="t", password=True), False, ""),
        (JupyterServer(1, password=True), False, "it has a password"),
        (JupyterServer(1), False, "it has a password"),  # which its record does not tell
        (JupyterServer(1, recorded=False), False, "its record can't be read"),
        (JupyterServer(1), True, "it asks for no token"),
    ],
)
def test_what_a_person_should_know_of_a_server(server, unlocked, said):
    told = servers.remark(server, unlocked=unlocked)
    assert told.startswith(said)
    assert bool(told) == bool(said)


@pytest.mark.parametrize(("status", "expected"), [(200, True), (403, False), (302, False)])
def test_whether_a_server_lets_in_whoever_comes_is_asked(web, status, expected):
    web.status = status
    port = web.server_address[1]
    assert unlocked(dial(port), JupyterServer(port)) is expected


def test_the_address_holds_the_token_and_repr_does_not():
    server = JupyterServer(8888, "/user/ann/", "a+b/c")
    address = servers.url(server, 20123)
    assert address == "http://127.0.0.1:20123/user/ann/lab?token=a%2Bb%2Fc"
    assert servers.url(JupyterServer(8888), 1) == "http://127.0.0.1:1/lab"
    classic = JupyterServer(8888, secure=True, landing="tree")
    assert servers.url(classic, 1) == "https://127.0.0.1:1/tree"
    assert TOKEN not in repr(JupyterServer(8888, "/", TOKEN))


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.seen.append((self.path, self.headers["Authorization"]))
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def web():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.status, server.seen, server.location = 200, [], ""
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("status", "expected"), [(200, True), (502, False), (503, False)])
def test_answers(web, status, expected):
    web.status = status
    port = web.server_address[1]
    assert answers(dial(port), JupyterServer(port, "/x/", TOKEN)) is expected
    assert web.seen == [("/x/api/status", f"token {TOKEN}")]


def test_a_server_whose_token_is_not_known_is_asked_for_its_version(web):
    port = web.server_address[1]
    assert answers(dial(port), JupyterServer(port, password=True))
    assert web.seen == [("/api", None)]


@pytest.mark.parametrize(
    ("status", "location", "page"),
    [
        (302, "/x/lab?", "lab"),
        (302, "/x/tree", "tree"),
        (302, "/x/lab/tree/a%20b.ipynb", "lab/tree/a%20b.ipynb"),
        (200, "", ""),
        (302, "https://elsewhere/x/lab", "lab"),  # never an address of another's choosing: only its path
        (302, "/other", ""),
        (302, "/x/javascript:alert(1)", ""),
        (404, "", ""),
    ],
)
def test_the_page_that_a_server_shows_first_is_where_its_base_leads(web, status, location, page):
    web.status, web.location = status, location
    port = web.server_address[1]
    assert landing(dial(port), JupyterServer(port, "/x/", TOKEN)) == page


def test_a_server_that_does_not_say_where_it_leads_is_opened_at_its_base():
    stream, peer = pair()
    with peer:
        peer.sendall(b"SSH-2.0\r\n")
        assert landing(stream, JupyterServer(8888)) == ""


@pytest.mark.parametrize("closes", [True, False])
def test_no_answer_yet(closes):
    stream, peer = pair()
    with peer:
        if closes:
            peer.shutdown(socket.SHUT_WR)
        assert not answers(stream, JupyterServer(8888), patience=0.3)


def test_a_server_with_tls_is_asked_through_it_and_its_certificate_told(web, tmp_path):
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    made += ["-keyout", key, "-out", cert, "-subj", "/CN=jup", "-days", "1"]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    web.socket = context.wrap_socket(web.socket, server_side=True)
    port = web.server_address[1]
    assert answers(dial(port), JupyterServer(port, token=TOKEN, secure=True))
    der = ssl.PEM_cert_to_DER_cert(cert.read_text())
    assert certificate(dial(port)) == hashlib.sha256(der).digest().hex(":").upper()


def test_what_speaks_no_tls_has_no_certificate_and_does_not_answer():
    for ask in (certificate, lambda stream: answers(stream, JupyterServer(8888, secure=True)) or ""):
        stream, peer = pair()
        with peer:
            peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            assert ask(stream) == ""


def test_what_is_no_jupyter_server_says_so():
    stream, peer = pair()
    with peer:
        peer.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
        with pytest.raises(GpuwsError, match="no Jupyter server"):
            answers(stream, JupyterServer(8888))


def pair():
    mine, peer = socket.socketpair()
    return SocketStream(mine, "a pair"), peer
