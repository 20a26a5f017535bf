"""Kernels and their notebooks, read and acted on: of a real JupyterLab, and of servers that answer badly."""

import http.client
import json
import socket
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gpuws.jupyter.ages import began_anew
from gpuws.jupyter.kernels import act_on, read_notebooks
from gpuws.link.streams import SocketStream
from gpuws.model.errors import GpuwsError, TargetError, Unanswered
from gpuws.model.session.notebook import JupyterServer, Notebook
from tests.jupyter.conftest import TOKEN, found
from tests.keeper.serving import until

KERNEL = "0f6a0f7e-55f5-4e06-9bd6-5f1b1d3c7a11"


def reach(port):
    return lambda: SocketStream(socket.create_connection(("127.0.0.1", port)), f"port {port}")


def ask(server, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
    connection.request(method, server.base_url + path, json.dumps(body) if body else None, headers)
    reply = connection.getresponse()
    text = reply.read()
    connection.close()
    return json.loads(text) if text else None


@pytest.mark.xdist_group("jupyter")
@pytest.mark.timeout(300)
def test_a_real_lab_tells_its_kernels(lab):
    [server] = found(lab)
    assert read_notebooks(reach(server.port), server) == ()
    session = {"path": "exp/exp7.ipynb", "name": "exp7.ipynb", "type": "notebook", "kernel": {"name": "python3"}}
    made = ask(server, "POST", "api/sessions", session)
    orphan = ask(server, "POST", "api/kernels", {"name": "python3"})
    used = ask(server, "GET", "api/status?no_track_activity=1")["last_activity"]
    books = {book.kernel: book for book in read_notebooks(reach(server.port), server, "jup")}
    one, other = books[made["kernel"]["id"]], books[orphan["id"]]
    assert (one.path, one.port, one.container) == ("exp/exp7.ipynb", server.port, "jup")
    assert abs(one.last_activity - time.time()) < 60
    assert other.path == "python3 (no notebook)"
    assert ask(server, "GET", "api/status?no_track_activity=1")["last_activity"] == used  # our look is no use of it
    for kernel in books:
        act_on(server, reach(server.port), kernel, "shutdown")
    assert read_notebooks(reach(server.port), server) == ()


# With the server's own Python, as a notebook's page would: run a cell, and say how it ended.
CELL = """
import sys
from jupyter_client import BlockingKernelClient
client = BlockingKernelClient(connection_file=sys.argv[1])
client.load_connection_file()
client.start_channels()
client.wait_for_ready(timeout=60)
print("ready", flush=True)
hook = lambda message: message["msg_type"] == "stream" and print(message["content"]["text"], end="", flush=True)
reply = client.execute_interactive(sys.argv[2], timeout=120, output_hook=hook)
print(reply["content"].get("ename", "ran"), flush=True)
"""
LONG = "print('runs', flush=True)\nimport time\ntime.sleep(600)"


@pytest.mark.xdist_group("jupyter")
@pytest.mark.timeout(300)
def test_a_long_cell_is_interrupted_and_its_kernel_restarted_and_shut_down(lab, jupyter_bin):
    [server] = found(lab)
    dial = reach(server.port)
    kernel = ask(server, "POST", "api/kernels", {"name": "python3"})["id"]

    def state():
        return {book.kernel: book.state for book in read_notebooks(dial, server)}.get(kernel)

    home = Path(lab.env["HOME"])
    until(lambda: [*home.rglob(f"kernel-{kernel}.json")], "the file by which clients reach it")
    [path] = home.rglob(f"kernel-{kernel}.json")
    words = [jupyter_bin / "python", "-c", CELL, path, LONG]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as page:
        assert [page.stdout.readline() for _ in range(2)] == ["ready\n", "runs\n"]
        until(lambda: state() == "busy", "the cell runs", 60)
        act_on(server, dial, kernel, "interrupt")
        assert page.stdout.readline() == "KeyboardInterrupt\n"
    until(lambda: state() == "idle", "it rests", 60)
    asked = time.monotonic()
    assert began_anew(lab, kernel, asked) is False
    act_on(server, dial, kernel, "restart")
    until(lambda: began_anew(lab, kernel, asked), "its process is another one")
    assert state() is not None
    act_on(server, dial, kernel, "shutdown")
    assert read_notebooks(dial, server) == ()
    assert began_anew(lab, kernel, asked) is None  # there is none
    with pytest.raises(TargetError, match="has ended already"):
        act_on(server, dial, kernel, "interrupt")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, self.headers["Authorization"]))
        self.answer()

    def do_POST(self):
        headers = [self.headers[name] for name in ("Authorization", "Cookie", "X-XSRFToken")]
        self.server.asked.append((self.command, self.path, *headers))
        self.answer()

    do_DELETE = do_POST  # noqa: N815  as http.server calls it

    def answer(self):
        status, body = self.server.replies[self.path.partition("?")[0]]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def web():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.replies = [], {"/api/sessions": (200, b"[]"), "/api/kernels": (200, b"[]")}
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def read(web):
    port = web.server_address[1]
    return read_notebooks(reach(port), JupyterServer(port, "/", TOKEN), patience=2.0)


def session(**changes):
    kernel = {"id": KERNEL, "name": "python3", "connections": 2, "execution_state": "idle", **changes}
    kernel.setdefault("last_activity", "2026-11-21T05:12:00.5Z")
    return {"path": "exp7.ipynb", "kernel": kernel}


def test_the_token_goes_in_a_header_only(web):
    assert read(web) == ()
    assert {path for path, _ in web.asked} == {
        "/api/sessions?no_track_activity=1",
        "/api/kernels?no_track_activity=1",
    }
    assert {token for _, token in web.asked} == {f"token {TOKEN}"}


def test_a_session_names_its_kernel(web):
    web.replies["/api/sessions"] = (200, json.dumps([session()]).encode())
    web.replies["/api/kernels"] = (200, json.dumps([{"id": KERNEL, "name": "python3"}]).encode())
    [book] = read(web)
    assert book == Notebook(KERNEL, "exp7.ipynb", web.server_address[1], None, "idle", book.last_activity, "python3", 2)
    assert time.gmtime(book.last_activity)[:6] == (2026, 11, 21, 5, 12, 0)


@pytest.mark.parametrize(
    "rows",
    [
        {"not": "a list"},
        [1, None, "x", {}],
        [{"path": "a.ipynb"}],
        [{"path": "a.ipynb", "kernel": "k"}],
        [{"path": 7, "kernel": {"id": KERNEL}}],
        [session(id="../../etc")],
        [session(id=7)],
        [session(id="x" * 1000)],
    ],
)
def test_rows_that_make_no_sense_are_left_out(web, rows):
    web.replies["/api/sessions"] = (200, json.dumps(rows).encode())
    assert read(web) == ()


def test_what_a_server_says_is_data(web):
    bad = session(execution_state="\x1b[2J", last_activity="yesterday")
    web.replies["/api/sessions"] = (200, json.dumps([{**bad, "path": "a\x1b[31m\nb" + "x" * 9999}]).encode())
    [book] = read(web)
    assert (book.state, book.last_activity) == (None, None)
    assert book.path.isprintable()
    assert len(book.path) <= 500


def test_a_server_of_a_thousand_kernels_is_read_up_to_a_bound(web):
    rows = [session(id=f"{number:036d}") for number in range(1000)]
    web.replies["/api/sessions"] = (200, json.dumps(rows).encode())
    assert len(read(web)) == 256


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ((403, b""), "refuses its token"),
        ((404, b""), "does not answer as Jupyter"),
        ((500, b""), "answers 500 to /api/sessions"),
        ((200, b"<html>"), "is no Jupyter server"),
        ((200, b"[" * 100_000), "is no Jupyter server"),
    ],
)
def test_bad_answers_are_told_in_one_sentence_without_the_token(web, reply, said):
    web.replies["/api/sessions"] = reply
    with pytest.raises(GpuwsError, match=said) as error:
        read(web)
    assert TOKEN not in str(error.value)


def test_a_server_that_never_answers_costs_its_patience_only():
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        began = time.monotonic()
        with pytest.raises(GpuwsError, match="does not answer"):
            read_notebooks(reach(port), JupyterServer(port), patience=0.3)
        assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("act", "method", "path"),
    [
        ("interrupt", "POST", f"/api/kernels/{KERNEL}/interrupt"),
        ("restart", "POST", f"/api/kernels/{KERNEL}/restart"),
        ("shutdown", "DELETE", f"/api/kernels/{KERNEL}"),
    ],
)
def test_what_is_asked_of_the_server(web, act, method, path):
    web.replies[path] = (204, b"")
    port = web.server_address[1]
    act_on(JupyterServer(port, "/", TOKEN), reach(port), KERNEL, act)
    act_on(JupyterServer(port), reach(port), KERNEL, act)
    assert web.asked == [
        (method, path, f"token {TOKEN}", None, None),
        (method, path, None, "_xsrf=gpuws", "gpuws"),  # without a token it must be no page of another site
    ]


@pytest.mark.parametrize(
    ("status", "said"), [(403, "refuses its token"), (404, "has ended already"), (500, "answers 500")]
)
def test_why_an_act_failed(web, status, said):
    web.replies[f"/api/kernels/{KERNEL}"] = (status, b"")
    port = web.server_address[1]
    with pytest.raises(GpuwsError, match=said) as error:
        act_on(JupyterServer(port, "/", TOKEN), reach(port), KERNEL, "shutdown")
    assert TOKEN not in str(error.value)


@pytest.mark.parametrize("heard", [b"", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhal"])
def test_what_was_asked_and_not_answered_may_have_been_done(heard):
    here, there = socket.socketpair()
    there.sendall(heard)
    there.shutdown(socket.SHUT_WR)
    with there, pytest.raises(Unanswered, match="does not answer") as error:
        act_on(JupyterServer(1), lambda: SocketStream(here, "port 1"), KERNEL, "restart")
    assert error.value.within == 10


def test_what_could_not_be_asked_was_not_done():
    def dial():
        raise ConnectionRefusedError

    with pytest.raises(GpuwsError, match="does not answer") as error:
        act_on(JupyterServer(1), dial, KERNEL, "restart")
    assert not isinstance(error.value, Unanswered)
