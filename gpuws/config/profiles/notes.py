"""What of a profile is right, and yet seldom meant so."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from gpuws.config.merge.profile_tree import ProfileLayer, local_paths
from gpuws.config.merge.variables import has_variables
from gpuws.config.profiles.env_file import read_env_file, readable_by_others
from gpuws.config.yaml.nodes import ListNode, MapNode, ScalarNode
from gpuws.config.yaml.problems import ConfigProblems, nearest, problem_at


def notes(part: ProfileLayer, known: Collection[str], environ: Mapping[str, str]) -> tuple[str, ...]:
    """One line each. `known`: names of hosts and tags."""
    found = list(_files(part.keys, environ))
    for name, overlay in part.overlays.items():
        if name not in known:
            what = "no host or tag of yours is called so"
            found.append(str(problem_at(overlay.mark, f"hosts.{name}", what, nearest(name, known))))
        found += _files(overlay, environ)
    return tuple(dict.fromkeys(found))


def _files(keys: MapNode, environ: Mapping[str, str]) -> Iterator[str]:
    for key in ("env_file", "env_file+"):
        files = local_paths(keys, environ).get(key)
        for node in files.items if isinstance(files, ListNode) else ():
            if isinstance(node, ScalarNode) and not has_variables(node):
                yield from _file(Path(str(node.value)))


def _file(path: Path) -> Iterator[str]:
    try:
        read_env_file(path)
    except ConfigProblems as error:
        yield from map(str, error.problems)
        return
    if readable_by_others(path):
        yield f"{path}: others can read it; keep it to yourself: chmod 600 {path}"
