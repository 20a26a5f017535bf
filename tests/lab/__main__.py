"""python3 -m tests.lab prepare|install|up|down|status|env"""

import argparse
import shlex
import sys

from tests.lab import lifecycle, packages
from tests.lab.hosts import HOSTS, SSH_PORT
from tests.lab.paths import config_dir, ssh_config
from tests.lab.report import LabError, say


def main() -> int:
    """Do what the command line asks; 1 with a reason when it can't be done."""
    parser = argparse.ArgumentParser(prog="python3 -m tests.lab", description=sys.modules["tests.lab"].__doc__)
    verbs = {
        "prepare": _prepare,
        "install": packages.install,
        "up": _up,
        "down": lifecycle.down,
        "status": _status,
        "env": _env,
    }
    parser.add_argument("verb", choices=verbs)
    try:
        verbs[parser.parse_args().verb]()
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _prepare() -> None:
    """Install and bring up; where there can be no lab, say why and what that leaves out."""
    if reason := packages.unsupported():
        print(f"lab: {reason}", file=sys.stderr)
        print("lab: left out: tests/e2e, tests/soak, tests/lab, what else is marked `lab`,", file=sys.stderr)
        print("lab: and where sshd or dockerd is missing, the tests that start their own", file=sys.stderr)
        return
    packages.install()
    _up()


def _up() -> None:
    lifecycle.up()
    say("up")


def _status() -> None:
    for name, state in lifecycle.status().items():
        host = HOSTS[name]
        print(f"{name:8} {state:9} {host.user}@{host.address}:{SSH_PORT}  {host.gpu_count} GPUs")


def _env() -> None:
    """How to point gpuws and ssh at the lab, as shell commands."""
    print(f"export GPUWS_CONFIG_DIR={shlex.quote(str(config_dir()))}")
    print(f"# gpuws gpus            every GPU of {', '.join(HOSTS)}")
    print(f"# ssh -F {shlex.quote(str(ssh_config()))} alpha")


sys.exit(main())
