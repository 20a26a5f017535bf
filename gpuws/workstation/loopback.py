"""A loopback port is every local user's: who else is logged in here, and whether what answers asks for a login."""

from __future__ import annotations

import contextlib
import getpass
import re
import socket
import subprocess

from gpuws.model.session.tunnel import Tunnel
from gpuws.model.session.tunnel_state import spoken

TOLD = "every user of this machine reaches a port of 127.0.0.1: what answers there should ask for a login"
PATIENCE = 2.0  # seconds for an answer through the tunnel
LARGEST = 16384  # bytes of it
_GREETS = re.compile(rb"SSH-\d")
_REFUSES = re.compile(rb"HTTP/\d(?:\.\d)? (?:401|403|407)\b")
_REDIRECTS = re.compile(rb"HTTP/\d(?:\.\d)? 30\d\b")
_TO_LOGIN = re.compile(rb"\nlocation:[^\n]*(?:login|signin|sign_in|auth|token)", re.IGNORECASE)


def reached_by(tunnel: Tunnel) -> tuple[str, ...]:
    """Who else is logged in here, where `tunnel` leads to something that asks nobody for a login, or may; else ()."""
    people = others()
    safe = not people or (tunnel.state != "waiting" and asks_for_login(tunnel.local_port))
    return () if safe else people


def openness(tunnel: Tunnel) -> str:
    """What is said of it to whoever decides whether others may reach it."""
    return "can't tell yet whether it asks for a login" if tunnel.state == "waiting" else "asks for no login"


def scheme(tunnel: Tunnel) -> str:
    """`https` where what answers speaks TLS, else `http`."""
    return (
        "https" if spoken(_answer(tunnel.local_port, tunnel.near.rpartition(":")[0].strip("[]"))) == "tls" else "http"
    )


def others() -> tuple[str, ...]:
    """Other people with a terminal or a desktop on this machine, as who(1) names them."""
    try:
        done = subprocess.run(["who"], stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.SubprocessError):
        return ()
    names = {line.split()[0] for line in done.stdout.decode("utf-8", "replace").splitlines() if line.split()}
    return tuple(sorted(names - {getpass.getuser()}))


def asks_for_login(port: int) -> bool:
    """Whether what a browser or a client meets there wants to know who comes. What says nothing asks nobody."""
    answer = _answer(port)
    redirected = _REDIRECTS.match(answer) and _TO_LOGIN.search(answer)
    return bool(_GREETS.match(answer) or _REFUSES.match(answer) or redirected)


def _answer(port: int, address: str = "127.0.0.1") -> bytes:
    """To a GET, up to the end of the header; what came before a connection broke counts, too."""
    answer = b""
    with contextlib.suppress(OSError), socket.create_connection((address, port), PATIENCE) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        while b"\r\n\r\n" not in answer and len(answer) < LARGEST and (more := sock.recv(LARGEST)):
            answer += more
    return answer
