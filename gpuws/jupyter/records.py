"""Which Jupyter servers there are, by what `script.py` told of processes, records and sockets. Pure.

Servers leave their records behind when they are killed, and another program may have the number of their process by
then: a record counts only while its process listens where the record says, or looks like a server where its sockets
can't be seen. A server without a record is known by its process alone."""

from __future__ import annotations

import ipaddress
import json
import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from gpuws.jupyter.script import MARK
from gpuws.model.session.notebook import JupyterServer
from gpuws.model.text import plain

MOST_SERVERS = 32
LONGEST = 500
SUBCOMMANDS = frozenset({"lab", "notebook", "server", "nbclassic", "labhub"})
PROGRAMS = frozenset({"jupyterhub-singleuser", *(f"jupyter-{name}" for name in SUBCOMMANDS)})
MODULES = frozenset({"jupyterlab", "notebook", "jupyter_server", "nbclassic", "jupyterhub.singleuser"})
_BASE = re.compile(r"/(?:[\w.~%@+-]+/)*", re.ASCII)
_TOKEN = re.compile(r"[\x21-\x7e]{0,500}")
_SOCKET = re.compile(r"/[\x21-\x7e]{1,200}")
_BASE_OPTION = re.compile(r"--\w+\.base_url=(.+)")

Listener = tuple[str, int]
"""An address, "" for all of them and for loopback, and a port."""


@dataclass(slots=True)
class Process:
    """`listens` None: its sockets can't be seen. `environment`: what tells of a JupyterHub."""

    pid: int
    user: str
    argv: tuple[str, ...]
    listens: tuple[Listener, ...] | None = None
    environment: dict[str, str] = field(default_factory=dict)
    inodes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Search:
    """`unseen`: users (their uids) with a server whose sockets and environment only they may see."""

    servers: tuple[JupyterServer, ...] = ()
    unseen: frozenset[str] = frozenset()


def search_of(out: str) -> Search:
    """What the program's whole output says."""
    told = [line.partition(" ")[::2] for line in out.partition(MARK + "\n")[2].splitlines()]
    processes = _processes(told)
    alive = {int(rest) for kind, rest in told if kind == "K" and rest.isdecimal()}
    found: dict[tuple[str, int], JupyterServer] = {}
    for server in _recorded(told, processes, alive):
        found.setdefault(server.reached_at, server)
    for process in processes.values():
        if is_server(process.argv) and all(server.pid != process.pid for server in found.values()):
            for server in _without_record(process):
                found.setdefault(server.reached_at, server)
    unseen = {one.user for one in processes.values() if one.listens is None and is_server(one.argv)}
    return Search(tuple(found.values())[:MOST_SERVERS], frozenset(unseen))


def is_server(argv: Sequence[str]) -> bool:
    """Whether a command line is a notebook server's: `jupyter lab`, `/opt/conda/bin/python …/jupyter-lab`, `python -m
    notebook`. Not that of a kernel, an editor or a search for one."""
    if "-c" in argv[1:3]:  # a shell's or an interpreter's own program
        return False
    words = [posixpath.basename(word) for word in argv[:4] if word == "-m" or not word.startswith("-")]
    if PROGRAMS & set(words[:2]):
        return True
    for word, following in pairwise(words):
        if (word == "jupyter" and following in SUBCOMMANDS) or (word == "-m" and following in MODULES):
            return True
    return False


def record(text: str, pid: int | None = None, listens: int = 0) -> JupyterServer | None:
    """A server by its record; None where that makes no sense. `pid`: as the record's name has it. `listens`: the port
    that its process has, which counts where the record says 0: the classic notebook writes what it was told, not what
    it got."""
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict):
        return None
    return _server({**row, "port": listens} if row.get("port") == 0 and not row.get("sock") else row, pid)


def hub_of(environment: Mapping[str, str]) -> str | None:
    """Where a browser finds a server that a JupyterHub started, by the environment that it gave to it."""
    api = environment.get("JUPYTERHUB_API_URL", "")
    if not api:
        return None
    public = environment.get("JUPYTERHUB_PUBLIC_URL", "")
    host = environment.get("JUPYTERHUB_HOST", "") or re.sub(r"/hub/api/?\Z", "", api)
    found = public or host + environment.get("JUPYTERHUB_SERVICE_PREFIX", "/")
    return plain(found, LONGEST) if found.startswith(("http://", "https://")) else None


def _processes(told: Sequence[Sequence[str]]) -> dict[int, Process]:
    """By pid, with where each listens."""
    found: dict[int, Process] = {}
    sockets: dict[str, Listener] = {}
    last: Process | None = None
    for kind, rest in told:
        if kind == "P":
            last = _process(rest)
            if last is not None:
                found[last.pid] = last
        elif kind == "E" and last is not None:
            name, _, value = rest.partition("=")
            last.environment[name] = value
        elif kind == "S" and last is not None:
            last.inodes = frozenset(rest.split())
        elif kind == "L" and (read := _listener(rest)):
            sockets[read[0]] = read[1]
    for process in found.values():
        if process.listens is not None:
            process.listens = tuple(sorted({sockets[inode] for inode in process.inodes if inode in sockets}))
    return found


def _process(rest: str) -> Process | None:
    parts = rest.split(" ", 3)
    if len(parts) < 4 or not (parts[0].isdecimal() and parts[1].isdecimal()):
        return None
    argv = tuple(word for word in parts[3].split("\x1f") if word)
    return Process(int(parts[0]), parts[1], argv, () if parts[2] == "1" else None)


def _listener(rest: str) -> tuple[str, Listener] | None:
    """A row of /proc/net/tcp: address and port as hexadecimal numbers, the address in words of the machine's order."""
    try:
        address, port, inode = rest.split()
        raw = b"".join(bytes.fromhex(address[at : at + 8])[::-1] for at in range(0, len(address), 8))
        return inode, (_alone(str(ipaddress.ip_address(raw))), int(port, 16))
    except ValueError:
        return None


def _alone(address: str) -> str:
    """The address at which alone something listens; "" for all, for 127.0.0.1 and for what is no address here."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    mapped = getattr(parsed, "ipv4_mapped", None) or parsed
    return "" if mapped.is_unspecified or mapped == ipaddress.ip_address("127.0.0.1") else str(mapped)


def _recorded(
    told: Iterable[Sequence[str]], processes: Mapping[int, Process], alive: Collection[int]
) -> Iterator[JupyterServer]:
    """Servers whose records are those of processes that run."""
    for kind, rest in told:
        number, _, text = rest.partition(" ")
        if kind != "R" or not number.isdecimal():
            continue
        pid, process = int(number), processes.get(int(number))
        server = record(text, pid, _first(process)[1])
        if server is not None and process is None and pid in alive:
            yield server
        elif server is not None and process is not None and _wrote(process, server):
            yield _completed(server, process)


def _server(row: dict[str, Any], pid: int | None) -> JupyterServer | None:
    """None for one that nothing can be sent to: without a port or a socket, or with an address that is no path."""
    base, token = row.get("base_url", "/"), row.get("token", "")
    if not isinstance(base, str) or not _BASE.fullmatch(base) or len(base) > LONGEST:
        return None
    sock, port = row.get("sock"), row.get("port")
    socket = sock if isinstance(sock, str) and _SOCKET.fullmatch(sock) else ""
    number = port if isinstance(port, int) and not isinstance(port, bool) and 0 < port < 65536 else 0
    if not (socket or number):
        return None
    root, hostname = row.get("root_dir") or row.get("notebook_dir"), row.get("hostname")
    written = row.get("pid")
    return JupyterServer(
        port=0 if socket else number,
        base_url=base,
        token=token if isinstance(token, str) and _TOKEN.fullmatch(token) else "",
        root_dir=plain(root) if isinstance(root, str) else None,
        pid=pid or (written if isinstance(written, int) and 0 < written < 1 << 32 else None),
        address=_alone(hostname) if isinstance(hostname, str) else "",
        socket=socket,
        secure=row.get("secure") is True,
        password=row.get("password") is True,
    )


def _wrote(process: Process, server: JupyterServer) -> bool:
    """Whether the record is that of the process: it listens there now."""
    if server.socket or process.listens is None:
        return is_server(process.argv)
    return any(port == server.port for _, port in process.listens)


def _first(process: Process | None) -> Listener:
    """Where it listens, rather on loopback or on all addresses than on one alone; port 0 where nowhere, and where that
    can't be seen."""
    return process.listens[0] if process is not None and process.listens else ("", 0)


def _completed(server: JupyterServer, process: Process) -> JupyterServer:
    """With what its process says: where it really listens, and whose it is."""
    there = [address for address, port in process.listens or () if port == server.port]
    address = "" if "" in there else next(iter(there), server.address)
    return replace(server, pid=process.pid, address=address, hub=hub_of(process.environment))


def _without_record(process: Process) -> Iterator[JupyterServer]:
    """What a server's process says of it where no record does: one server, at its first port."""
    options = dict(word.split("=", 1) for word in process.argv if word.startswith("--") and "=" in word)
    bases = [match[1] for word in process.argv if (match := _BASE_OPTION.fullmatch(word))]
    base = f"/{bases[-1].strip('/')}/".replace("//", "/") if bases else "/"
    if not process.listens or not _BASE.fullmatch(base) or len(base) > LONGEST:
        return
    wanted = options.get("--port", "")
    address, port = next((one for one in process.listens if str(one[1]) == wanted), _first(process))
    secure = any(word.startswith(("--certfile", "--ServerApp.certfile", "--NotebookApp.certfile")) for word in options)
    yield JupyterServer(
        port, base, pid=process.pid, address=address, secure=secure, recorded=False, hub=hub_of(process.environment)
    )
