"""A registry of the tests' own: what of the distribution protocol an engine needs to pull, over real HTTP.

It listens on this machine's loopback. `offered` brings it to the loopback of a host of the lab, under the same port:
there an engine speaks plain HTTP with it, as with any registry on 127.0.0.1."""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import http.server
import io
import itertools
import json
import os
import subprocess
import tarfile
import threading
import urllib.parse
from functools import cache

DOCKER = "application/vnd.docker."
MANIFEST = f"{DOCKER}distribution.manifest.v2+json"
CONFIG = f"{DOCKER}container.image.v1+json"
LAYER = f"{DOCKER}image.rootfs.diff.tar.gzip"
INDEX = "application/vnd.oci.image.index.v1+json"
PIECE = 64 << 10
REFRESH = "one-refresh-token"
"""What a login may leave instead of a password."""


def digest(data):
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@cache
def layer(name, size):
    """A tar with one file of `size` bytes that do not shrink; the same one for the same words."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = size
        tar.addfile(entry, io.BytesIO(os.urandom(size)))
    return out.getvalue()


class Registry:
    """`password`: of the user `ada`; None: everybody may. `tokens`: it is asked for at a door of its own.

    `gate`: blobs stop in their middle until it is set. `pause`: seconds between two pieces of a blob."""

    def __init__(self, password=None, *, tokens=False):
        self.password = password
        self.tokens = tokens
        self.gate = threading.Event()
        self.gate.set()
        self.half = threading.Event()
        self.pause = 0.0
        self.asked = []
        self.blobs = {}
        self.manifests = {}
        self._serial = itertools.count()
        self._sending = 0
        self._changed = threading.Condition()
        registry = self

        class Handler(_Handler):
            served = registry

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        self.address = f"127.0.0.1:{self.port}"

    def start(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        self.gate.set()
        self.pause = 0.0
        self.server.shutdown()
        self.server.server_close()

    def put(self, name, tag, layers=(("made", 1000),), architecture="amd64", **config):
        """Store an image under a name; its digest. Each time it is another one, its layers may be there already.

        A layer: a file's name and its size, or a tar."""
        tars = [layer(*one) if isinstance(one, tuple) else one for one in layers]
        told = {
            "architecture": architecture,
            "os": "linux",
            "created": "2026-01-01T00:00:00Z",
            "config": {"Cmd": ["/made"], "Labels": {"serial": str(next(self._serial))}, **config},
            "rootfs": {"type": "layers", "diff_ids": [digest(one) for one in tars]},
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, **self._blob(json.dumps(told).encode())},
            "layers": [{"mediaType": LAYER, **self._blob(gzip.compress(one, 1, mtime=0))} for one in tars],
        }
        return self._manifest(name, tag, MANIFEST, manifest)

    def put_for(self, name, tag, architectures, layers=(("made", 1000),)):
        """The same name for several architectures, as official images have it; the list's digest.

        Builders put what they attest beside the images, for no platform at all."""
        entries = []
        for architecture in architectures:
            made = self.put(name, f"{tag}-{architecture}", layers, architecture)
            entries.append(self._entry(name, made, {"architecture": architecture, "os": "linux"}))
        attested = self.put(name, f"{tag}-attested", (("attestation", 100),), "unknown")
        entries.append(self._entry(name, attested, {"architecture": "unknown", "os": "unknown"}))
        return self._manifest(name, tag, INDEX, {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})

    def _entry(self, name, made, platform):
        size = len(self.manifests[name, made][1])
        return {"mediaType": MANIFEST, "digest": made, "size": size, "platform": platform}

    def _manifest(self, name, tag, kind, told):
        data = json.dumps(told).encode()
        self.manifests[name, tag] = self.manifests[name, digest(data)] = kind, data
        return digest(data)

    def _blob(self, data):
        self.blobs[digest(data)] = data
        return {"size": len(data), "digest": digest(data)}

    @property
    def challenge(self):
        if self.tokens:
            return f'Bearer realm="http://{self.address}/token",service="tests"'
        return 'Basic realm="tests"'

    @contextlib.contextmanager
    def sending(self):
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, more):
        with self._changed:
            self._sending += more
            self._changed.notify_all()

    def until_idle(self):
        """Nobody is being sent anything any more."""
        with self._changed:
            assert self._changed.wait_for(lambda: not self._sending, 30), "an engine pulls on"

    def admits(self, header):
        if self.password is None:
            return True
        return header == ("Bearer pass" if self.tokens else self._basic)

    def token(self, header, form):
        """What the door gives for a login, or for what a login left; None: nothing."""
        if header == self._basic or form.get("refresh_token") == [REFRESH]:
            return {"token": "pass", "access_token": "pass", "expires_in": 300}
        return None

    @property
    def _basic(self):
        return f"Basic {base64.b64encode(f'ada:{self.password}'.encode()).decode()}"


class _Handler(http.server.BaseHTTPRequestHandler):
    served: Registry

    def do_GET(self):
        self.served.asked.append(self.path)
        if self.path.startswith("/token"):
            self._token({})
        elif not self.served.admits(self.headers.get("Authorization")):
            self._refuse(401, "UNAUTHORIZED", "authentication required", {"WWW-Authenticate": self.served.challenge})
        elif self.path == "/v2/":
            self._send(200, b"{}")
        elif "/manifests/" in self.path:
            name, _, reference = self.path.removeprefix("/v2/").partition("/manifests/")
            self._found(*self.served.manifests.get((name, reference), ("", None)))
        else:
            blob = self.served.blobs.get(self.path.rpartition("/")[2])
            self._found("application/octet-stream", blob)

    do_HEAD = do_GET  # noqa: N815 - the name that http.server looks for

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._token(urllib.parse.parse_qs(body.decode()))

    def _token(self, form):
        told = self.served.token(self.headers.get("Authorization"), form)
        if told:
            self._send(200, json.dumps(told).encode(), {"Content-Type": "application/json"})
        else:
            self._refuse(401, "UNAUTHORIZED", "incorrect username or password")

    def _found(self, kind, data):
        if data is None:
            self._refuse(404, "MANIFEST_UNKNOWN", "manifest unknown")
        else:
            self._send(200, data, {"Content-Type": kind, "Docker-Content-Digest": digest(data)})

    def _refuse(self, status, code, message, headers=None):
        told = {"errors": [{"code": code, "message": message}]}
        self._send(status, json.dumps(told).encode(), {"Content-Type": "application/json", **(headers or {})})

    def _send(self, status, body, headers=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        with self.served.sending(), contextlib.suppress(OSError):
            for start in range(0, len(body), PIECE):
                if start > len(body) // 2:
                    self._wait_in_the_middle()
                self.wfile.write(body[start : start + PIECE])
                threading.Event().wait(self.served.pause)

    def _wait_in_the_middle(self):
        if not self.served.gate.is_set():
            self.served.half.set()
            self.served.gate.wait(60)

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def offered(lab, registry, *hosts):
    """Each host of the lab reaches it at `registry.address`, as long as this lasts."""
    with contextlib.ExitStack() as stack:
        for host in hosts:
            stack.enter_context(_forwarded(lab, host, registry.port))
        yield registry


@contextlib.contextmanager
def _forwarded(lab, host, port):
    back = f"127.0.0.1:{port}:127.0.0.1:{port}"
    argv = ["ssh", "-F", str(lab.ssh_config), "-oExitOnForwardFailure=yes", "-R", back, host, "echo there; cat"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as ssh:
        assert ssh.stdout.readline() == b"there\n", f"{host} does not listen on port {port}"
        yield
        ssh.stdin.close()
