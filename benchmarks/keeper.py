"""How fast commands are while the keeper is warm, on the lab: a listing to `gpuws --version`, an attach to an `ssh`
over a ControlMaster, from exec to the remote prompt. Runs are interleaved; medians are compared.

    python -m benchmarks.keeper [RUNS]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.startup import GPUWS, Case, finished, measure, painted
from tests.lab.fixture import up

PROMPT = "ready-to-type"
HOST = "alpha"


@contextmanager
def master(config: Path) -> Iterator[list[str]]:
    """`ssh …` over a connection that is open already."""
    with tempfile.TemporaryDirectory() as directory:
        ssh = ["ssh", "-F", str(config), "-o", f"ControlPath={directory}/m", "-o", "LogLevel=ERROR"]
        subprocess.run([*ssh, "-o", "ControlMaster=yes", "-o", "ControlPersist=yes", "-Nf", HOST], check=True)
        try:
            yield ssh
        finally:
            subprocess.run([*ssh, "-O", "exit", HOST], check=False, capture_output=True)


def main(runs: int) -> int:
    lab = up()
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(GPUWS_CONFIG_DIR=str(lab.config_dir), XDG_RUNTIME_DIR=home, XDG_STATE_HOME=f"{home}/state")
        shell = ["sh", "-c", f"echo {PROMPT}; exec sleep 60"]
        try:
            finished([GPUWS, "gpus"])  # starts the keeper, which connects
            with master(lab.ssh_config) as ssh:
                cases = (
                    Case(
                        "gpuws gpus --json, three hosts, warm keeper",
                        "gpuws --version",
                        lambda: finished([GPUWS, "gpus", "--json"]),
                        lambda: finished([GPUWS, "--version"]),
                        1.5,
                    ),
                    Case(
                        f"gpuws exec -it {HOST}, first byte from there",
                        f"ssh -t {HOST} over a ControlMaster",
                        lambda: painted([GPUWS, "exec", "-it", HOST, "--", *shell], PROMPT, home, str(lab.config_dir)),
                        lambda: painted([*ssh, "-t", HOST, f"echo {PROMPT}; exec sleep 60"], PROMPT, home),
                        None,
                    ),
                    Case(
                        f"gpuws attach {HOST}, to the prompt",
                        f"ssh {HOST} over a ControlMaster",
                        lambda: painted([GPUWS, "attach", HOST], "$ ", home, str(lab.config_dir)),
                        lambda: painted([*ssh, HOST], "$ ", home),
                        1.1,
                    ),
                )
                return report(cases, runs)
        finally:
            subprocess.run([GPUWS, "keeper", "stop"], check=False, stdout=subprocess.DEVNULL)


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
