"""What of a profile is right, and yet seldom meant so."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from gpuws.config.merge.caller import is_callers
from gpuws.config.merge.profile_tree import ProfileLayer, local_paths
from gpuws.config.merge.variables import OF_A_SHELL, has_variables, named_in
from gpuws.config.profiles.env_file import read_env_file, readable_by_others
from gpuws.config.yaml.nodes import ListNode, MapNode, ScalarNode, leaves
from gpuws.config.yaml.problems import ConfigProblems, problem_at
from gpuws.model.query.nearest import nearest_names

_DOLLAR = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*\Z")


def notes(part: ProfileLayer, known: Collection[str], environ: Mapping[str, str]) -> tuple[str, ...]:
    """One line each. `known`: names of hosts and tags."""
    found = [*_files(part.keys, environ), *_letters(part.keys), *_shells(part.keys)]
    for name, overlay in part.overlays.items():
        if name not in known:
            what = "no host or tag of yours is called so"
            found.append(str(problem_at(overlay.mark, f"hosts.{name}", what, nearest_names(name, known))))
        found += [*_files(overlay, environ), *_letters(overlay, f"hosts.{name}."), *_shells(overlay, f"hosts.{name}.")]
    return tuple(dict.fromkeys(found))


def _letters(keys: MapNode, before: str = "") -> Iterator[str]:
    """Of what a shell or Compose would have replaced."""
    environment = keys.get("environment")
    for name, entry in environment.entries.items() if isinstance(environment, MapNode) else ():
        if isinstance(entry.node, ScalarNode) and _DOLLAR.match(entry.node.text):
            what = f"these letters are handed over; for the value in your environment write ${{{entry.node.text[1:]}}}"
            yield str(problem_at(entry.mark, f"{before}environment.{name}", f"{entry.node.text}: {what}"))


def _shells(keys: MapNode, before: str = "") -> Iterator[str]:
    """Variables that a shell has, and a host only where its vars say so."""
    for key, node in leaves(keys):
        waits = () if isinstance(node, ScalarNode) and is_callers(key, node.text) else named_in(node)
        for name in (name for name in waits if name in OF_A_SHELL):
            what = f"${{{name}}} is the host's, where hosts.yaml has it under vars: {OF_A_SHELL[name]}"
            yield str(problem_at(node.mark, f"{before}{key}", what))


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
