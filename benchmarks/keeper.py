"""How fast commands are while the keeper is warm, on the lab: a listing to `gpuws --version`, an attach to an `ssh`
over a ControlMaster and to one that logs in, from exec to the remote prompt, on a host and in a container's tmux; that
also over a network that takes 20 ms each way, where round trips count. Runs are interleaved; medians are compared.

    python -m benchmarks.keeper [RUNS]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from benchmarks.distance import far
from benchmarks.startup import GPUWS, Case, finished, measure, painted
from tests.lab.fixture import Lab, up

PROMPT = "ready-to-type"
HOST, CONTAINER = "alpha", "torch-dev"
IN_TMUX = "\x1b[?1049h"  # a client of tmux takes the other screen, and draws
EACH_WAY = 0.02  # seconds


def plain(config: Path) -> list[str]:
    return ["ssh", "-F", str(config), "-o", "LogLevel=ERROR"]


@contextmanager
def master(config: Path, host: str) -> Iterator[list[str]]:
    """`ssh …` over a connection that is open already."""
    with tempfile.TemporaryDirectory() as directory:
        ssh = [*plain(config), "-o", f"ControlPath={directory}/m"]
        subprocess.run([*ssh, "-o", "ControlMaster=yes", "-o", "ControlPersist=yes", "-Nf", host], check=True)
        try:
            yield ssh
        finally:
            subprocess.run([*ssh, "-O", "exit", host], check=False, capture_output=True)


@contextmanager
def distant(lab: Lab, home: str) -> Iterator[tuple[Path, Path]]:
    """The lab's host behind a long way: a directory of configuration for gpuws, and one for ssh."""
    host = lab.hosts[HOST]
    with far((host.address, host.port), EACH_WAY) as port:
        directory = Path(home, "distant")
        directory.mkdir()
        config = directory / "ssh_config"
        again = f"HostName 127.0.0.1\n  HostKeyAlias [{host.address}]:{host.port}\n  Port {port}"
        own = f"Host {HOST}\n  {again}\n"
        config.write_text(own + lab.ssh_config.read_text())
        (directory / "hosts.yaml").write_text(f"hosts: {{{HOST}: {{}}}}\nlocal: false\nssh_config: {config}\n")
        yield directory, config


def entering(cold: list[str], mux: list[str], where: str, home: str, config: Path, bound: float | None) -> list[Case]:
    shell = f"echo {PROMPT}; exec sleep 60"
    attach = f"docker exec -it {CONTAINER} tmux -u attach-session -t main"
    ways = {
        f"gpuws exec -it {HOST}, first byte from there": ("exec -it", PROMPT, HOST, ["--", "sh", "-c", shell], shell),
        f"gpuws attach {HOST}, to the prompt": ("attach", "$ ", HOST, [], ""),
        f"gpuws attach {HOST}/{CONTAINER}, to its tmux": ("attach", IN_TMUX, f"{HOST}/{CONTAINER}:main", [], attach),
    }

    def ours(words: list[str], text: str) -> float:
        return painted(words, text, home, str(config), keeper=True)

    def base(ssh: list[str], command: str, text: str) -> float:
        try:
            return painted([*ssh, "-t", HOST, *([command] if command else [])], text, home)
        finally:
            if command is attach:
                _detach(mux)

    return [
        Case(
            f"{name}, {where}",
            f"ssh -t {HOST}{' docker exec' if command is attach else ''} {said}",
            partial(ours, [GPUWS, *verb.split(), target, *argv], text),
            partial(base, ssh, command, text),
            limit,
        )
        for name, (verb, text, target, argv, command) in ways.items()
        for ssh, said, limit in ((mux, "over a ControlMaster", bound), (cold, "that logs in", None))
    ]


def main(runs: int) -> int:
    lab = up()
    with tempfile.TemporaryDirectory() as home, ExitStack() as stack:
        os.environ.update(XDG_RUNTIME_DIR=home, XDG_STATE_HOME=f"{home}/state")
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # as it is for users
        long_way, long_ssh = stack.enter_context(distant(lab, home))
        for config in (lab.config_dir, long_way):
            os.environ["GPUWS_CONFIG_DIR"] = str(config)
            finished([GPUWS, "gpus"])  # starts the keeper, which connects
            stack.callback(_stop_keeper, config)
        near = stack.enter_context(master(lab.ssh_config, HOST))
        away = stack.enter_context(master(long_ssh, HOST))
        os.environ["GPUWS_CONFIG_DIR"] = str(lab.config_dir)
        listing = Case(
            "gpuws gpus --json, three hosts, warm keeper",
            "gpuws --version",
            lambda: finished([GPUWS, "gpus", "--json"]),
            lambda: finished([GPUWS, "--version"]),
            1.5,
        )
        cases = (
            listing,
            *entering(plain(lab.ssh_config), near, "no network between", home, lab.config_dir, None),
            *entering(plain(long_ssh), away, "20 ms each way", home, long_way, 1.1),
        )
        return report(cases, runs)


def _detach(ssh: list[str]) -> None:
    """A `docker exec` that is ended leaves what it ran in the container."""
    command = f"docker exec {CONTAINER} tmux detach-client -s main"
    subprocess.run([*ssh, HOST, command], check=False, capture_output=True)


def _stop_keeper(config: Path) -> None:
    environment = {**os.environ, "GPUWS_CONFIG_DIR": str(config)}
    subprocess.run([GPUWS, "keeper", "stop"], check=False, stdout=subprocess.DEVNULL, env=environment)


def report(cases: tuple[Case, ...], runs: int) -> int:
    within = True
    for case in cases:
        ours, base = measure(case, runs)
        fits = case.bound is None or ours / base <= case.bound
        within = within and fits
        verdict = "" if case.bound is None else f" (at most {case.bound:g}) {'ok' if fits else 'TOO SLOW'}"
        print(
            f"{case.name}: {ours * 1000:.0f} ms; {case.base_name}: {base * 1000:.0f} ms; "
            f"ratio {ours / base:.2f}{verdict}",
            flush=True,
        )
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 15))
