"""A registry of the tests' own, with what of the distribution protocol an engine needs to pull.

Alone it is a program: `python3 registry.py PORT` serves one image, `made:1`, until its stdin ends."""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import http.server
import io
import json
import os
import sys
import tarfile
import threading

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
PIECE = 64 << 10


def digest(data):
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def layer(name, size):
    """A tar with one file of `size` bytes that do not shrink."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = size
        tar.addfile(entry, io.BytesIO(os.urandom(size)))
    return out.getvalue()


class Registry:
    """`password`: of the user `ada`; None: everybody may. `gate`: blobs stop in their middle until it is set."""

    def __init__(self, password=None, port=0):
        self.password = password
        self.gate = threading.Event()
        self.gate.set()
        self.half = threading.Event()
        self.asked = []
        self.blobs = {}
        self.manifests = {}
        registry = self

        class Handler(_Handler):
            served = registry

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_port}"

    def start(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        self.gate.set()
        self.server.shutdown()
        self.server.server_close()

    def put(self, name, tag, layers=(("made", 1000),)):
        """Store an image under a name; its digest."""
        tars = [layer(*one) for one in layers]
        config = {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Cmd": ["/made"]},
            "rootfs": {"type": "layers", "diff_ids": [digest(one) for one in tars]},
        }
        packed = [gzip.compress(one, 1) for one in tars]
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, **self._blob(json.dumps(config).encode())},
            "layers": [{"mediaType": LAYER, **self._blob(one)} for one in packed],
        }
        data = json.dumps(manifest).encode()
        self.manifests[name, tag] = self.manifests[name, digest(data)] = data
        return digest(data)

    def _blob(self, data):
        self.blobs[digest(data)] = data
        return {"size": len(data), "digest": digest(data)}

    def admits(self, header):
        if self.password is None:
            return True
        wanted = base64.b64encode(f"ada:{self.password}".encode()).decode()
        return header == f"Basic {wanted}"


class _Handler(http.server.BaseHTTPRequestHandler):
    served: Registry

    def do_GET(self):
        self.served.asked.append(self.path)
        if not self.served.admits(self.headers.get("Authorization")):
            self._send(401, b"{}", {"WWW-Authenticate": 'Basic realm="tests"'})
        elif self.path == "/v2/":
            self._send(200, b"{}")
        elif "/manifests/" in self.path:
            name, _, reference = self.path.removeprefix("/v2/").partition("/manifests/")
            found = self.served.manifests.get((name, reference))
            self._send(200 if found else 404, found or self._unknown(), {"Content-Type": MANIFEST})
        else:
            found = self.served.blobs.get(self.path.rpartition("/")[2])
            self._send(200 if found else 404, found or self._unknown(), {"Content-Type": "application/octet-stream"})

    do_HEAD = do_GET  # noqa: N815 - the name that http.server looks for

    def _unknown(self):
        return b'{"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}'

    def _send(self, status, body, headers=None):
        self.send_response(status)
        for name, value in {"Docker-Content-Digest": digest(body), **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        with contextlib.suppress(OSError):
            for start in range(0, len(body), PIECE):
                if start > len(body) // 2 and not self.served.gate.is_set():
                    self.served.half.set()
                    self.served.gate.wait(60)
                self.wfile.write(body[start : start + PIECE])

    def log_message(self, *args):
        pass


if __name__ == "__main__":
    registry = Registry(port=int(sys.argv[1])).start()
    print(registry.address, registry.put("made", "1", [("one", 3 << 20), ("two", 1 << 20)]), flush=True)
    for line in sys.stdin:
        print(registry.put("made", line.strip()), flush=True)
    registry.stop()
