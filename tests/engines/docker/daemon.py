"""A Docker engine of the tests' own: its own directories, socket and bridge; nothing of it is left behind."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

HOOK = "nvidia-container-runtime-hook"
SBIN = "/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"


@dataclass
class Daemon:
    """A dockerd under `root`. With a stub of NVIDIA's hook on its PATH it hands out GPUs.

    `number` tells apart the bridges of two at a time."""

    root: Path
    number: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        return self.root / "docker.sock"

    @property
    def bridge(self) -> str:
        return f"gpuws-test{self.number}"

    @property
    def address(self) -> str:
        """Where its containers reach this machine."""
        return f"172.31.{217 + self.number}.1"

    @property
    def path(self) -> str:
        return f"{self.root / 'bin'}:{os.environ['PATH']}:{SBIN}"

    def start(self) -> None:
        self._make_hook()
        self._make_bridge()
        settings = {
            "bridge": self.bridge,
            "iptables": False,
            "ip-forward": False,
            "ip-masq": False,
            "shutdown-timeout": 2,
        }
        (self.root / "daemon.json").write_text(json.dumps(settings))
        argv = [
            "dockerd",
            f"--data-root={self.root / 'data'}",
            f"--exec-root={self.root / 'exec'}",
            f"--pidfile={self.root / 'docker.pid'}",
            f"--config-file={self.root / 'daemon.json'}",
            f"--host=unix://{self.socket}",
        ]
        env = {**os.environ, "PATH": self.path}
        with (self.root / "log").open("ab") as log:
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, start_new_session=True
            )
        self._wait_until_it_answers()

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
            self.process = None

    def destroy(self) -> None:
        self.stop()
        subprocess.run(["ip", "link", "del", self.bridge], capture_output=True, check=False, env={"PATH": self.path})
        for line in reversed(Path("/proc/self/mountinfo").read_text().splitlines()):
            if (mount := line.split()[4]).startswith(f"{self.root}/"):
                subprocess.run(["umount", "--lazy", mount], capture_output=True, check=False)
        shutil.rmtree(self.root, ignore_errors=True)

    def cli(self, *args: str, env: dict[str, str] | None = None) -> str:
        """Run the docker program against it; what it prints, stripped."""
        argv = ["/usr/bin/docker", "-H", f"unix://{self.socket}", *args]
        done = subprocess.run(
            argv, capture_output=True, text=True, timeout=60, env={**os.environ, **(env or {})}, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def _make_hook(self) -> None:
        (self.root / "bin").mkdir(parents=True, exist_ok=True)
        hook = self.root / "bin" / HOOK
        hook.write_text("#!/bin/sh\nexit 0\n")
        hook.chmod(0o755)

    def _make_bridge(self) -> None:
        env = {"PATH": self.path}
        if not Path("/sys/class/net", self.bridge).exists():
            subprocess.run(["ip", "link", "add", self.bridge, "type", "bridge"], check=True, env=env)
            subprocess.run(["ip", "addr", "add", f"{self.address}/24", "dev", self.bridge], check=True, env=env)
        subprocess.run(["ip", "link", "set", self.bridge, "up"], check=True, env=env)

    def _wait_until_it_answers(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.process.poll() is None, (self.root / "log").read_text()[-1500:]
            with contextlib.suppress(AssertionError):
                self.cli("version")
                return
            time.sleep(0.05)
        raise AssertionError((self.root / "log").read_text()[-1500:])
