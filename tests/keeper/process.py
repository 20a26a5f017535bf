"""Keepers as processes of their own, found by the configuration they serve, and ended with the test."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gpuws.config.paths import find_paths
from gpuws.keeper.client.dialer import Dialer
from gpuws.keeper.client.fleet import KeeperFleet
from gpuws.keeper.home import Home, find_home
from tests.keeper.serving import until

PYTHON = sys.executable


@dataclass
class User:
    """Somebody with a configuration, a runtime and a state directory of their own below `home`."""

    home: Path
    readonly: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def config(self) -> Path:
        return self.home / "config"

    @property
    def env(self) -> Mapping[str, str]:
        kept = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
        return kept | {
            "HOME": str(self.home),
            "GPUWS_CONFIG_DIR": str(self.config),
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_RUNTIME_DIR": str(self.home / "run"),
        }

    @property
    def room(self) -> Home:
        return find_home(find_paths(None, self.env), readonly=self.readonly)

    def dialer(self, *, person: bool = False) -> Dialer:
        """Programs of this test inherit its environment, so it must be this user's: see `become`."""
        return Dialer(self.room, person=person, note=self.notes.append)

    def fleet(self, names: object = None, *, person: bool = False) -> KeeperFleet:
        return KeeperFleet(self.dialer(person=person), names)  # type: ignore[arg-type]

    def pids(self) -> list[int]:
        """The keepers that live."""
        return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if self._is_ours(pid)]  # noqa: PTH208

    def _is_ours(self, pid: int) -> bool:
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return False
        return b"gpuws.keeper" in words and os.fsencode(self.config) in words and state != "Z"

    def one(self) -> int:
        """The one keeper there is; its starter may still be on its way out."""
        return until(lambda: len(found := self.pids()) == 1 and found, f"one keeper, not {self.pids()}")[0]

    def kill(self) -> None:
        for pid in self.pids():
            os.kill(pid, signal.SIGKILL)
        until(lambda: not self.pids(), "the keeper's end")

    def end(self) -> None:
        """However it goes."""
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
                os.kill(pid, signal.SIGTERM)
        with contextlib.suppress(AssertionError):
            until(lambda: not self.pids(), "its end", 5)
        self.kill()


def new_user(home: Path, hosts: str = "hosts: {}\nlocal: false\n", config: str = "", *, readonly: bool = False) -> User:
    user = User(home, readonly)
    user.config.mkdir(parents=True)
    (home / "run").mkdir(mode=0o700)
    (user.config / "hosts.yaml").write_text(hosts)
    if config:
        (user.config / "config.yaml").write_text(config)
    return user
