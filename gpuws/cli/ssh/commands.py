"""`ssh-config`, `code`, and the ProxyCommand of what they write."""

from __future__ import annotations

from typing import Annotated

import typer

from gpuws.cli.toolkit import offers
from gpuws.cli.toolkit.failures import OWN_FAILURE
from gpuws.cli.toolkit.grammar import REACH, Hosts, argument, place, register
from gpuws.cli.toolkit.options import Options


def add_to(app: typer.Typer) -> None:
    register(
        app, "ssh-config", ssh_config, "dry_run", *REACH,
        examples=("gpuws ssh-config", "gpuws ssh-config --dry-run alpha"),
    )  # fmt: skip
    register(
        app, "code", code, "dry_run", *REACH,
        examples=("gpuws code torch-dev", "gpuws code alpha/torch-dev:/workspace/src --dry-run"),
    )  # fmt: skip
    register(
        app, "ssh-proxy", ssh_proxy, "yes_not_mine", *REACH, failure=OWN_FAILURE, hidden=True,
        examples=("gpuws ssh-proxy alpha/torch-dev",),
    )  # fmt: skip


def ssh_config(options: Options, hosts: Hosts = []) -> int:  # noqa: B006
    """Write SSH aliases for each host and each workspace of mine.

    ssh, scp, sftp, rsync, git and editors reach a container by them, without an sshd in its image and without another
    login. Names of hosts that are not looked at, or do not answer, stay as they were."""
    from gpuws.cli.ssh.config import write_config

    return write_config(options, hosts)


def code(
    options: Options,
    target: Annotated[str, place(offers.names("running", "hosts"), ", with :DIR")],
) -> int:
    """Open an editor on a host or in a workspace.

    VS Code, or what $GPUWS_EDITOR says: a program that takes the same words, or a line with {alias} and {dir}."""
    from gpuws.cli.ssh.editor import open_editor

    return open_editor(options, target)


def ssh_proxy(options: Options, target: Annotated[str, argument("TARGET", "As the fragment names it.")]) -> int:
    """Be the SSH server of a host or a workspace, on stdin and stdout: ssh's ProxyCommand."""
    from gpuws.cli.ssh.proxy import be_proxy

    return be_proxy(options, target)
