"""What a real docker program sends as a build context: an engine that takes it and builds nothing."""

from __future__ import annotations

import http.server
import io
import os
import re
import socketserver
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class _Engine(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self._answer(b"{}" if "version" in self.path else b"OK")

    def do_HEAD(self):
        self.do_GET()

    def do_POST(self):
        body = bytearray()
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body += self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if re.search(r"/build\?", self.path):
            self.server.sent = bytes(body)
        self._answer(b'{"stream":"taken"}\n')

    def _answer(self, body):
        self.send_response(200)
        for name, value in (("Api-Version", "1.41"), ("Ostype", "linux"), ("Builder-Version", "1")):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *args):
        pass

    def address_string(self):
        return "docker"


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    sent = b""


@contextmanager
def engine(directory: Path) -> Iterator[_Server]:
    path = directory / "engine.sock"
    with _Server(str(path), _Engine) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def sent_by(program: str, server: _Server, root: Path, *flags: str) -> dict[str, str] | None:
    """Members of the tar: a directory's is "/", a file's its bytes, a link's where it leads. None: it refused."""
    server.sent = b""
    env = {**os.environ, "DOCKER_BUILDKIT": "0", "DOCKER_HOST": f"unix://{server.server_address}", "HOME": str(root)}
    argv = [program, "build", "-q", "-t", "x", *flags, str(root)]
    done = subprocess.run(argv, capture_output=True, env=env, check=False, timeout=30, cwd=root)
    return members(server.sent) if done.returncode == 0 else None


def members(data: bytes) -> dict[str, str]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:*") as tar:
        return {one.name: _of(tar, one) for one in tar}


def _of(tar: tarfile.TarFile, one: tarfile.TarInfo) -> str:
    if one.isdir():
        return "/"
    if one.issym() or one.islnk():
        return f"→ {one.linkname}"
    file = tar.extractfile(one)
    return f"{one.mode & 0o777:o} {file.read().decode(errors='replace')}" if file else one.type.decode()
