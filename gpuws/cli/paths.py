"""paths: where files are."""

from __future__ import annotations

import sys

from gpuws.cli import json
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.setup import LOG, keeper_home, user_paths
from gpuws.config.paths import built_in_profiles


def show_paths(options: Options) -> int:
    paths = user_paths(options)
    found = {
        "config": paths.config_file,
        "hosts": paths.hosts_file,
        "profiles": paths.profiles_dir,
        "built_in_profiles": built_in_profiles(),
        "state": paths.state_dir,
        "log": paths.state_dir / LOG,
        "runtime": paths.runtime_dir,
        "keeper_socket": keeper_home(options, paths).socket,
        "keeper_log": keeper_home(options, paths).log,
    }
    if options.json:
        sys.stdout.write(f"{json.text({key: str(path) for key, path in found.items()})}\n")
    else:
        width = max(map(len, found))
        sys.stdout.write("".join(f"{key:<{width}}  {path}\n" for key, path in found.items()))
    return 0
