"""Servers found by their runtime files, and asked over a stream."""

import json
import os
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from gpuws.jupyter import servers
from gpuws.jupyter.answers import answers
from gpuws.link.streams import SocketStream
from gpuws.model.errors import GpuwsError
from gpuws.model.session.notebook import JupyterServer
from tests.keeper.serving import until
from tests.probe.local_place import LocalPlace

TOKEN = "secret-token-of-the-test"
UNSET = {"JUPYTER_RUNTIME_DIR": None, "JUPYTER_DATA_DIR": None, "XDG_DATA_HOME": None}


def dial(port):
    return SocketStream(socket.create_connection(("127.0.0.1", port)), f"port {port}")


@pytest.fixture
def lab(jupyter_bin, tmp_path):
    """A running JupyterLab under a base URL, and the place in which it runs."""
    env = {"HOME": str(tmp_path), "JUPYTER_TOKEN": TOKEN, "PATH": f"{jupyter_bin}:{os.environ['PATH']}"}
    place = LocalPlace({**UNSET, **env})
    command = ["jupyter", "lab", "--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root"]
    command += ["--ServerApp.base_url=/user/ann/", f"--ServerApp.root_dir={tmp_path}"]
    with subprocess.Popen(place.words(command), cwd=tmp_path, stderr=subprocess.PIPE, text=True) as child:
        try:
            said = ""
            for line in child.stderr:
                said += line
                if "is running at" in line:
                    break
            else:
                pytest.fail(f"JupyterLab did not start: {said}")
            drain = threading.Thread(target=child.stderr.read, daemon=True)
            drain.start()
            until(lambda: [*tmp_path.rglob("jpserver-*-open.html")], "what it writes last, once it has said so")
            yield place
        finally:
            child.terminate()
            child.wait(20)
            drain.join(10)


@pytest.mark.timeout(300)
def test_a_real_lab_is_found_and_answers(lab, tmp_path):
    [server] = servers.find_servers(lab)
    assert (server.base_url, server.token, server.root_dir) == ("/user/ann/", TOKEN, str(tmp_path))
    assert server.pid
    assert answers(dial(server.port), server)
    wrong = JupyterServer(server.port, server.base_url, "wrong")
    with pytest.raises(GpuwsError, match="refuses its token"):
        answers(dial(server.port), wrong)
    with pytest.raises(GpuwsError, match="does not answer as Jupyter at /elsewhere/"):
        answers(dial(server.port), JupyterServer(server.port, "/elsewhere/", TOKEN))
    # as root in a container whose server runs as somebody else
    lab.env["HOME"] = str(tmp_path / "elsewhere")
    assert servers.find_servers(lab) == ()
    assert servers.find_servers(lab, anyone=True) == (server,)


def runtime_file(folder, pid, **fields):
    row = {"port": 8888, "base_url": "/", "token": TOKEN, "root_dir": "/work", "pid": pid, "secure": False, **fields}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"jpserver-{pid}.json").write_text(json.dumps(row, indent=2))


@pytest.fixture
def place(tmp_path):
    return LocalPlace({**UNSET, "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})


@pytest.fixture
def process():
    """Start processes whose command line holds a word."""
    started = []

    def start(word):
        started.append(
            subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()", word], stdin=subprocess.PIPE)
        )
        return started[-1].pid

    yield start
    for child in started:
        child.kill()
        child.wait()
        child.stdin.close()


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
    runtime_file(tmp_path / where, process("jupyter-lab"))
    place.noise = '{"port": 1}\\n'
    [server] = servers.find_servers(place)
    assert (server.port, server.token, server.root_dir) == (8888, TOKEN, "/work")


def test_servers_that_are_gone_are_not_found(place, process, tmp_path):
    folder = tmp_path / ".local/share/jupyter/runtime"
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    runtime_file(folder, gone.pid, port=1001)
    runtime_file(folder, process("something-else"), port=1002)
    assert servers.find_servers(place) == ()


def test_the_ports_asked_for_come_first(place, process, tmp_path):
    folder = tmp_path / ".local/share/jupyter/runtime"
    for port in (8888, 8889, 8890):
        runtime_file(folder, process("jupyter"), port=port)
    assert [server.port for server in servers.find_servers(place, ports=[8890])] == [8890, 8888, 8889]


@pytest.mark.parametrize(
    "fields",
    [
        {"port": 0},
        {"port": "8888"},
        {"port": True},
        {"base_url": "/a b/"},
        {"base_url": "x\r\nHost: y"},
        {"base_url": "//"},
    ],
)
def test_files_that_make_no_sense_are_left_out(place, process, tmp_path, fields):
    runtime_file(tmp_path / ".local/share/jupyter/runtime", process("jupyter"), **fields)
    assert servers.find_servers(place) == ()


def test_a_place_without_jupyter_has_no_servers(place):
    assert servers.find_servers(place) == ()


def test_the_address_holds_the_token_and_repr_does_not():
    server = JupyterServer(8888, "/user/ann/", "a+b/c")
    address = servers.url(server, 20123)
    assert address == "http://127.0.0.1:20123/user/ann/lab?token=a%2Bb%2Fc"
    assert servers.url(JupyterServer(8888), 1) == "http://127.0.0.1:1/lab"
    assert TOKEN not in repr(JupyterServer(8888, "/", TOKEN))


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.seen.append((self.path, self.headers["Authorization"]))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def web():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.status, server.seen = 200, []
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


@pytest.mark.parametrize("closes", [True, False])
def test_no_answer_yet(closes):
    stream, peer = pair()
    with peer:
        if closes:
            peer.shutdown(socket.SHUT_WR)
        assert not answers(stream, JupyterServer(8888), patience=0.3)


def test_what_is_no_jupyter_server_says_so():
    stream, peer = pair()
    with peer:
        peer.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
        with pytest.raises(GpuwsError, match="no Jupyter server"):
            answers(stream, JupyterServer(8888))


def pair():
    mine, peer = socket.socketpair()
    return SocketStream(mine, "a pair"), peer
