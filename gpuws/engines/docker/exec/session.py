"""Running a program inside a container over the API: created, started on a connection of its own, ended on demand."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.api.http import Reply
from gpuws.engines.docker.exec.mark import ARGUMENT, VARIABLE, Mark, let_go, new_mark
from gpuws.engines.docker.existing.parse import table
from gpuws.model.errors import GpuwsError
from gpuws.model.session.terminal import Size

DETACH_KEYS = "ctrl-@,ctrl-^,ctrl-@,ctrl-_"
"""The daemon's default (ctrl-p,ctrl-q) swallows ctrl-p, history in every shell; nobody types this."""

_START = 'shift; exec "$@"'
_START_ON_TERMINAL = '[ -n "$LANG$LC_ALL$LC_CTYPE" ] || export LANG=C.UTF-8; ' + _START
SIZED = (1, 42)
"""The first API version that starts a terminal at its size. With older ones it is told right after the start, and set
by the shell there, since the program may look at it sooner."""

HIJACK = {"Connection": "Upgrade", "Upgrade": "tcp"}
STATUS_TIMEOUT = 3.0
PATIENCE = 1.0
"""Seconds that closing waits for the ending to be under way; on a slow link it goes on behind."""

# Ends processes that carry the mark and came straight from the engine: their parent is outside (0). What they started
# inherited the mark too, but belongs to another process by now: a tmux server stays.
_END = r"""
marked() {
  for entry in /proc/[0-9]*; do
    pid=${entry#/proc/} parent=
    [ "$pid" = 1 ] && continue
    while read -r key value; do
      if [ "$key" = PPid: ]; then parent=$value; break; fi
    done 2>/dev/null <"$entry/status"
    [ "$parent" = 0 ] || [ "$pid" = "$2" ] || continue
    while IFS= read -r line || [ -n "$line" ]; do
      case $line in *"GPUWS_EXEC=$1"*) echo "$pid"; break ;; esac
    done 2>/dev/null <"$entry/environ"
  done
}
tries=0
while found=$(marked "$1" "$2"); [ -z "$found" ] && [ $tries -lt 5 ]; do tries=$((tries + 1)); sleep 0.2; done
[ -n "$found" ] && kill -HUP $found
tries=0
while [ -n "$found" ] && [ $tries -lt 10 ]; do tries=$((tries + 1)); sleep 0.2; found=$(marked "$1" "$2"); done
[ -z "$found" ] || kill -KILL $found
"""


@dataclass(frozen=True, slots=True)
class Request:
    """What to run. `user` None: the container's own. `env` items are KEY=VALUE. `size`: on a terminal of that size."""

    container: str
    argv: tuple[str, ...]
    user: str | None = None
    cwd: str | None = None
    env: tuple[str, ...] = ()
    stdin: bool = True
    size: Size | None = None

    @property
    def tty(self) -> bool:
        return self.size is not None


@dataclass(frozen=True, slots=True)
class Session:
    """A started exec: its connection carries stdin one way, stdout and stderr the other."""

    client: Client
    request: Request
    id: str
    mark: Mark
    reply: Reply

    def status(self) -> int | None:
        """Its exit status, waiting a moment for the engine to learn it; None when it was never told."""
        deadline = time.monotonic() + STATUS_TIMEOUT
        pause = 0.002
        while time.monotonic() < deadline:
            told = inspect(self.client, self.id)
            if told is None or not told.get("Running"):
                code = (told or {}).get("ExitCode")
                return code if isinstance(code, int) else None
            time.sleep(pause)
            pause = min(pause * 2, 0.1)
        return None

    def resize(self, size: Size) -> None:
        query = {"h": size.rows, "w": size.columns}
        with self.client.errors():
            self.client.call("POST", f"/exec/{self.id}/resize", query=query)

    def close(self) -> None:
        """Close the connection of a program that has ended."""
        let_go(self.mark)
        self.reply.close()

    def end(self) -> None:
        """Close the connection, and see to it that the program does not live on: now, or where the link is lost once
        there is another one (`orphans.py`). Returns soon, whatever hangs."""
        self.close()
        if self.client.link.alive:
            words = (self.client, self.request.container, self.id, self.mark, self.request.user)
            ender = threading.Thread(target=end, args=words, name="docker-end", daemon=True)
            ender.start()
            ender.join(PATIENCE)


def start(client: Client, request: Request) -> Session:
    """Create and start an exec on a connection of its own."""
    mark = new_mark(lambda: client.link.alive)
    script = _START_ON_TERMINAL if request.tty else _START
    if request.size and not client.server.at_least(SIZED):
        script = f"stty rows {request.size.rows} cols {request.size.columns} 2>/dev/null; {script}"
    wrapped = ["/bin/sh", "-c", script, "gpuws", f"{ARGUMENT}{mark}", *request.argv]
    try:
        with client.errors():
            exec_id = _create(client, request, wrapped, (*request.env, f"{VARIABLE}={mark}"))
            return Session(client, request, exec_id, mark, _started(client, request, exec_id, mark))
    except BaseException:
        let_go(mark)
        raise


def _started(client: Client, request: Request, exec_id: str, mark: Mark) -> Reply:
    try:
        return client.open("POST", f"/exec/{exec_id}/start", body={"Detach": False, "Tty": request.tty}, headers=HIJACK)
    except TimeoutError:  # it may start yet
        end(client, request.container, exec_id, mark, request.user)
        raise


def end(client: Client, container: str, exec_id: str, mark: Mark, user: str | None) -> None:
    """End the exec that carries `mark`, by another one as the same user. Does not wait for it."""
    request = Request(container, (), user, stdin=False)
    try:
        with client.errors():
            argv = ["/bin/sh", "-c", _END, "gpuws-end", str(mark), str(_pid_inside(client, container, exec_id))]
            exec_id = _create(client, request, argv, (), output=False)
            client.call("POST", f"/exec/{exec_id}/start", body={"Detach": True})
    except GpuwsError:
        return  # the container stopped, and the program with it; or the link is gone: the next connect ends it


def _pid_inside(client: Client, container: str, exec_id: str) -> int:
    """The exec's process in a container that sees the host's processes: its parent is one of them then. Else -1."""
    mode = table(client.inspect(container).get("HostConfig")).get("PidMode")
    pid = (inspect(client, exec_id) or {}).get("Pid") if mode == "host" else None
    return pid if isinstance(pid, int) and pid > 1 else -1


def inspect(client: Client, exec_id: str) -> dict[str, object] | None:
    """What the engine knows of an exec; None when it has forgotten it or can't be asked."""
    try:
        with client.errors():
            told = client.call("GET", f"/exec/{exec_id}/json", timeout=STATUS_TIMEOUT)
    except GpuwsError:
        return None
    return told if isinstance(told, dict) else None


def _create(client: Client, request: Request, argv: Sequence[str], env: Sequence[str], *, output: bool = True) -> str:
    body: dict[str, object] = {
        "Cmd": list(argv),
        "AttachStdin": request.stdin,
        "AttachStdout": output,
        "AttachStderr": output,
        "Tty": request.tty,
        "DetachKeys": DETACH_KEYS,
        "Env": list(env),
        "User": request.user or "",
        "WorkingDir": request.cwd or "",
    }
    if request.size and client.server.at_least(SIZED):
        body["ConsoleSize"] = [request.size.rows, request.size.columns]
    return client.create(f"/containers/{request.container}/exec", body)
