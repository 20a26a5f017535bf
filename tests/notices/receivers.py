"""Real receivers on this machine: an HTTP server, and a program that writes down what it gets."""

from __future__ import annotations

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Taker(ThreadingHTTPServer):
    """`got`: each body with when it came, as JSON; `answers`: the next ones it gives, then 200. While `gate` is closed
    it takes what comes and answers nothing."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got, self.headers, self.answers = [], [], []
        self.gate = threading.Event()
        self.gate.set()
        self.came = threading.Condition()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook"

    def ids(self):
        return [body["id"] for _, body in self.got]

    def wait_for(self, holds, seconds=20):
        with self.came:
            assert self.came.wait_for(lambda: holds(self), seconds), self.got

    def close(self):
        self.gate.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        taker = self.server
        taker.gate.wait()
        answer = taker.answers.pop(0) if taker.answers else 200
        with taker.came:
            if answer == 200:
                taker.got.append((time.time(), body))
                taker.headers.append(dict(self.headers))
            taker.came.notify_all()
        self.send_response(answer)
        if 300 <= answer < 400:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def writer(path):
    """Argv of a program that adds what it gets to a file, a line each, with when it came."""
    program = (
        "import json, sys, time; told = json.load(sys.stdin);"
        f"open({str(path)!r}, 'a').write(json.dumps([time.time(), told, sys.argv[1:]]) + '\\n')"
    )
    return [sys.executable, "-S", "-c", program]


def written(path):
    """What it got so far: when, the notice, its arguments."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
