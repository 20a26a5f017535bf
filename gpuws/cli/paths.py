"""`gpuws paths`: where files are."""

from __future__ import annotations

import sys

import typer

from gpuws.cli.toolkit.grammar import BASE, register
from gpuws.cli.toolkit.options import Options


def add_to(app: typer.Typer) -> None:
    register(app, "paths", paths, "json", *BASE, examples=("gpuws paths", "gpuws paths --json | jq -r .hosts"))


def paths(options: Options) -> int:
    """Where files are."""
    from gpuws.cli.toolkit.setup import LOG, keeper_home, user_paths
    from gpuws.config.paths import built_in_profiles
    from gpuws.present.documents.base import printed

    where = user_paths(options)
    home = keeper_home(options, where)
    found = {
        "config": where.config_file,
        "hosts": where.hosts_file,
        "profiles": where.profiles_dir,
        "built_in_profiles": built_in_profiles(),
        "state": where.state_dir,
        "known_hosts": where.own_known_hosts,
        "log": where.state_dir / LOG,
        "command_log": where.command_log,
        "history": home.history,
        "runtime": where.runtime_dir,
        "keeper_socket": home.socket,
        "keeper_log": home.log,
    }
    if options.json:
        sys.stdout.write(f"{printed({key: str(path) for key, path in found.items()})}\n")
    else:
        width = max(map(len, found))
        sys.stdout.write("".join(f"{key:<{width}}  {path}\n" for key, path in found.items()))
    return 0
