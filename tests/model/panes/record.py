"""Record the panes of `scenarios.py`: `python -m tests.model.panes.record FOLDER`, as root, where the programs are.

They are split at random into `seen.json`, from which rules may be written, and `held_out.json`, which nobody looks at
before these are. What is in one of them already is not recorded again. `FOLDER/venv` has tqdm, rich, ipython, ipdb,
jupyter-console, click and questionary."""

from __future__ import annotations

import http.server
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path

from gpuws.model.session.screen import PaneScreen
from gpuws.model.session.session import Session
from gpuws.tmux.screens import screen_of
from tests.model.panes.scenarios import SCENARIOS, Scenario
from tests.probe.local_place import LocalPlace

HERE = Path(__file__).parent
PATIENCE = 12.0  # seconds
SETTLE = 1.0
AT_ONCE = 12
SEED = 13
POSTGRES = Path("/usr/lib/postgresql/15/bin")
AS_POSTGRES = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")


def main(home: Path) -> int:
    web, sshd = slow_server(), Sshd(home)
    prepare(home)
    env = {
        "HOME": str(home), "TMUX_TMPDIR": str(home), "LC_ALL": "C.UTF-8", "SHELL": "/bin/sh", "PORT": str(web),
        "SSHD": str(sshd.port), "PATH": f"{POSTGRES}:{os.environ['PATH']}", "ENV": None, "PAGER": None,
        "GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@gpu1",
        "GIT_COMMITTER_NAME": "Ann", "GIT_COMMITTER_EMAIL": "ann@gpu1",
    }  # fmt: skip
    place = LocalPlace(env)
    start = [
        "unshare",
        "--uts",
        "sh",
        "-c",
        "hostname gpu1; exec tmux -u -f /dev/null start-server \\; new-session -d -s base",
    ]
    place.run(start)
    for option in ("remain-on-exit on", "default-terminal tmux-256color", "status off", "history-limit 100"):
        place.run(["tmux", "set-option", "-g", *option.split()])
    halves = {name: loaded(HERE / f"{name}.json") for name in ("seen", "held_out")}
    known = {one["name"] for half in halves.values() for one in half}
    wanted = tuple(scenario for scenario in SCENARIOS if scenario.name not in known)
    found, failed = [], []
    try:
        for begin in range(0, len(wanted), AT_ONCE):
            for scenario, screen in record(place, wanted[begin : begin + AT_ONCE]):
                (failed.append(scenario.name) if screen is None else found.append(entry(scenario, screen)))
    finally:
        place.run(["tmux", "kill-server"])
        place.close()
        sshd.close()
        subprocess.run(
            [*AS_POSTGRES, POSTGRES / "pg_ctl", "-D", home / "pgdata", "-m", "fast", "stop"], check=True, cwd="/"
        )
    random.Random(SEED).shuffle(found)
    for name, panes in (("seen", found[::2]), ("held_out", found[1::2])):
        (HERE / f"{name}.json").write_text(
            json.dumps([*halves[name], *panes], ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        )
    print(f"{len(found)} recorded, {sum(one['stand_in'] for one in found)} of them stand-ins; not recorded: {failed}")
    return 1 if failed else 0


def loaded(path: Path) -> list[dict[str, object]]:
    return json.loads(path.read_text()) if path.exists() else []


def entry(scenario: Scenario, screen: PaneScreen) -> dict[str, object]:
    return {"name": scenario.name, "kind": scenario.kind, "stand_in": scenario.stand_in, "screen": asdict(screen)}


def record(place: LocalPlace, scenarios: tuple[Scenario, ...]) -> list[tuple[Scenario, PaneScreen | None]]:
    for number, one in enumerate(scenarios):
        columns, rows = map(str, one.size)
        line = f"cd $HOME; {one.command}"
        place.run(["tmux", "new-session", "-d", "-s", f"s{number}", "-x", columns, "-y", rows, line])
    print(f"{scenarios[0].name} …", flush=True)
    shown = [(one, ready(place, f"s{number}", one)) for number, one in enumerate(scenarios)]
    for number, _ in enumerate(scenarios):
        place.run(["tmux", "kill-session", "-t", f"s{number}"])
    return shown


def ready(place: LocalPlace, session: str, one: Scenario) -> PaneScreen | None:
    """What it shows when it shows what it is recorded for; None where it never does."""
    if one.first and not shows(place, session, one.first):
        return None
    for key in one.keys:
        words = [key[1:]] if key.startswith("!") else ["-l", key]
        place.run(["tmux", "send-keys", "-t", session, *words])
        time.sleep(0.3)
    return screen_of(place, Session(session)) if shows(place, session, one.ready) else None


def shows(place: LocalPlace, session: str, pattern: str) -> bool:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if re.search(pattern, "\n".join(screen_of(place, Session(session)).lines) + "\n"):
            time.sleep(SETTLE)
            return True
        time.sleep(0.1)
    return False


def prepare(home: Path) -> None:
    """What the programs need."""
    for path in (HERE / "programs").iterdir():
        shutil.copy(path, home / path.name)
    (home / "long.txt").write_text("".join(f"line {number}\n" for number in range(1, 401)))
    (home / "stand_ins.pyc").unlink(missing_ok=True)
    (home / "slowly").write_text(
        '#!/bin/sh\nshift; exec sh -c "$*" | python3 -u -c \'import sys, time\n'
        "while (data := sys.stdin.buffer.read1(20000)):\n"
        " sys.stdout.buffer.write(data); sys.stdout.buffer.flush()\n time.sleep(0.1)'\n"
    )
    (home / "slowly").chmod(0o755)
    (home / "made").mkdir(exist_ok=True)
    rules = "".join(f"m{n}.o:\n\t@echo cc -c m{n}.c -o m{n}.o; sleep {0.1 if n < 4 else 600}\n" for n in range(9))
    (home / "made/Makefile").write_text(f"all: {' '.join(f'm{n}.o' for n in range(9))}\n{rules}")
    (home / "cm").mkdir(exist_ok=True)
    targets = "".join(f"add_custom_command(OUTPUT o{n} COMMAND sleep {0.1 if n < 4 else 600})\n" for n in range(9))
    outputs = " ".join(f"o{n}" for n in range(9))
    (home / "cm/CMakeLists.txt").write_text(
        f"cmake_minimum_required(VERSION 3.10)\nproject(x NONE)\n{targets}"
        f"add_custom_target(all_of ALL DEPENDS {outputs})\n"
    )
    repository(home)
    postgres(home)


def repository(home: Path) -> None:
    git = ["git", "-c", "user.name=Ann", "-c", "user.email=ann@gpu1"]
    for name, size in (("repo", 1), ("big", 400)):
        folder = home / name
        folder.mkdir()
        subprocess.run([*git, "init", "-q", "-b", "main"], cwd=folder, check=True)
        for number in range(size):
            (folder / f"{number}.txt").write_text("".join(f"{random.random()}\n" for _ in range(400)))
        subprocess.run([*git, "add", "."], cwd=folder, check=True)
        subprocess.run([*git, "commit", "-q", "-m", "Begin"], cwd=folder, check=True)
    with (home / "repo/0.txt").open("a") as file:
        file.write("changed\n")


def postgres(home: Path) -> None:
    data, port = home / "pgdata", home / "pg"
    for folder in (data, port):
        folder.mkdir()
        shutil.chown(folder, "postgres")
    home.chmod(0o755)
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": "/"}
    subprocess.run([*AS_POSTGRES, POSTGRES / "initdb", "-D", data, "-U", "postgres"], **quiet)
    options = f"-k {port} -c listen_addresses="
    subprocess.run(
        [*AS_POSTGRES, POSTGRES / "pg_ctl", "-D", data, "-l", data / "log", "-o", options, "-w", "start"], **quiet
    )


class Sshd:
    """A server of ssh on loopback that takes one key, and asks everybody else for a password."""

    def __init__(self, home: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        for name in ("key", "host"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", home / name], check=True)
        shutil.copy(home / "key.pub", home / "authorized")
        host = (home / "host.pub").read_text()
        (home / "known").write_text(f"[127.0.0.1]:{self.port} {host}")
        (home / "sshd_config").write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {home}/host\nAuthorizedKeysFile {home}/authorized\n"
            "StrictModes no\nPermitRootLogin yes\nPidFile none\nPrintMotd no\n"
            "PrintLastLog no\nForceCommand bash --norc -i\n"
        )
        self._server = subprocess.Popen(
            ["/usr/sbin/sshd", "-D", "-e", "-f", home / "sshd_config"], stderr=subprocess.DEVNULL
        )

    def close(self) -> None:
        self._server.terminate()
        self._server.wait()


def slow_server() -> int:
    """The port of a web server whose files come slowly."""

    class Slow(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = b'<a href="/slow-1.0-py3-none-any.whl">slow-1.0-py3-none-any.whl</a>'
            self.send_response(200)
            self.send_header("Content-Type", "text/html" if "simple" in self.path else "application/octet-stream")
            if "simple" in self.path:
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)
                return
            self.send_header("Content-Length", str(200 << 20))
            self.end_headers()
            try:
                while True:
                    self.wfile.write(bytes(1 << 20))
                    time.sleep(0.3)
            except OSError:
                return

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
