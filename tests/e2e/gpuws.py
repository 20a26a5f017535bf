"""The installed `gpuws` command, as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.keeper.process import User
from tests.terminal import ScreenTerminal

COMMAND = str(Path(sys.executable).with_name("gpuws"))
PROFILE = """\
description: the lab's workspace image
image: gpuws-lab/workspace:latest
pull_policy: never
gpus: 1
mem_limit: 2g
shm_size: 256m
volumes:
  - {type: bind, source: ~/work, target: /workspace, check: create}
environment: {SECRET_OF_MINE: null}
jupyter: {port: 8888, start: true, token: auto}
tmux: {session: main}
"""


@dataclass(frozen=True)
class Gpuws:
    """One user's configuration. `home` is that user's home on the workstation."""

    home: Path
    config: Path
    kept: bool = True

    @property
    def alone(self) -> Gpuws:
        """The same user, without the keeper."""
        return replace(self, kept=False)

    @property
    def env(self) -> dict[str, str]:
        kept = {key: os.environ[key] for key in ("PATH", "LANG", "TMPDIR") if key in os.environ}
        return kept | {
            "HOME": str(self.home),
            "GPUWS_CONFIG_DIR": str(self.config),
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_RUNTIME_DIR": str(self.home / "run"),
            "SECRET_OF_MINE": "hunter2",
            "PYTHONUNBUFFERED": "1",
            "GPUWS_KEEPER": "1" if self.kept else "0",
        }

    def run(self, *args: str, timeout: float = 60.0, input: str | None = None) -> subprocess.CompletedProcess[str]:  # noqa: A002
        return subprocess.run(
            [COMMAND, *args], env=self.env, capture_output=True, text=True, timeout=timeout, input=input, check=False
        )

    def ok(self, *args: str, timeout: float = 60.0) -> str:
        done = self.run(*args, timeout=timeout)
        assert done.returncode == 0, f"gpuws {' '.join(args)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def json(self, *args: str, timeout: float = 60.0) -> Any:
        return json.loads(self.ok(*args, "--json", timeout=timeout))

    def popen(self, *args: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [COMMAND, *args],
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def stop_keeper(self) -> None:
        """A keeper outlives the commands that started it, so a test ends it, and that of `--readonly`."""
        User(self.home).end()

    def terminal(self, *args: str, columns: int = 120, rows: int = 36) -> ScreenTerminal:
        return ScreenTerminal([COMMAND, *args], self.env, columns, rows)


users: list[Gpuws] = []
"""Everybody that a test made; their keepers are ended after it."""


def status_behind(port: int | str, seconds: float = 60.0) -> int:
    """The status of the Jupyter server behind a local port, which may still be starting."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status", timeout=20) as reply:
                return reply.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            assert time.monotonic() < deadline, "nobody answers behind the tunnel"
            time.sleep(0.5)


def configured(home: Path, hosts_yaml: str, profiles: Sequence[tuple[str, str]] = (("lab", PROFILE),)) -> Gpuws:
    """A new user with this hosts.yaml, whose name on the workstation is `ada`."""
    config = home / "config"
    (config / "profiles").mkdir(parents=True, exist_ok=True)
    (home / "run").mkdir(mode=0o700, exist_ok=True)
    (config / "hosts.yaml").write_text(hosts_yaml)
    (config / "config.yaml").write_text("me: [ada]\n")
    for name, text in profiles:
        (config / "profiles" / f"{name}.yaml").write_text(text)
    users.append(Gpuws(home, config))
    return users[-1]


def copied(home: Path, config_dir: Path) -> Gpuws:
    """A new user with the lab's hosts.yaml."""
    return configured(home, (config_dir / "hosts.yaml").read_text())
