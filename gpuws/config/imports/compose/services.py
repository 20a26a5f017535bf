"""The services of a Compose file, each as a profile.

https://github.com/compose-spec/compose-spec/blob/main/spec.md"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gpuws.config.imports.compose import environment, gpus, limits
from gpuws.config.imports.compose.files import Files
from gpuws.config.imports.compose.keys import KEYS
from gpuws.config.imports.compose.layers import whole
from gpuws.config.imports.compose.service import Service, as_map, wrong
from gpuws.config.imports.draft import Draft
from gpuws.config.imports.names import profile_name
from gpuws.config.yaml.nodes import Entry, MapNode, Position, ScalarNode, leaves
from gpuws.config.yaml.problems import ConfigProblems, Problem, nearest, problem_at
from gpuws.model.profile.imported import Imported
from gpuws.model.secret import HIDDEN

_OF_FILES = frozenset({"version", "name", "services", "volumes", "networks", "secrets", "configs"})
_BY_NAME = "on the network that Compose makes they reach each other by name; containers of profiles do not"
_NETWORK = "gpuws with HOST -- docker network create NAME, then network_mode: NAME and --name for each"


def read_compose(
    text: str, name: str, environ: Mapping[str, str], directory: Path | None, source: str
) -> tuple[Imported, ...]:
    """As `reading.read` has them; the problems of all services at once."""
    files = Files.of(text, environ, directory, source)
    services = services_of(files.tree)
    project = files.project()
    found: list[Imported] = []
    problems: list[Problem] = []
    for one, entry in services.items():
        called = name if name and len(services) == 1 else profile_name(f"{name}-{one}" if name else one)
        try:
            keys = whole(one, as_map(f"services.{one}", entry.mark, entry.node), files.finder(files.tree, source))
            draft = Draft(source)
            say_service(Service(one, keys, project, draft), entry.mark)
            _lose_of_file(draft, files, services)
            found.append(draft.finished(called or "service"))
        except ConfigProblems as error:
            problems += error.problems
    if problems:
        raise ConfigProblems(problems)
    return tuple(found)


def services_of(tree: MapNode) -> Mapping[str, Entry]:
    """By name. A file without `services` is of the first version: they stand at its top."""
    section = tree.entries.get("services")
    if section is None:
        return {key: entry for key, entry in tree.entries.items() if key != "version" and not key.startswith("x-")}
    services = as_map("services", section.mark, section.node).entries
    if not services:
        wrong(section.mark, "services", "at least one service")
    return services


def say_service(service: Service, mark: Position) -> None:
    """All that it says; what it does not say is as Compose has it, not as profiles do. `mark`: where it begins."""
    _known(service)
    if not service.entry("image") and not service.entry("build"):
        raise ConfigProblems([problem_at(mark, service.name, "has neither image nor build: there is nothing to run")])
    variables = environment.variables(service)
    environment.say(service, variables)
    _settle(service)
    gpus.say(service, variables)
    for key, entry in service.keys.entries.items():
        if key in KEYS and service.entry(key):
            KEYS[key](service, entry)
    draft = service.draft
    for key, usual in (("user", "image"), ("init", False)):
        if key not in draft.said:
            draft.say(key, usual, mark)
    limits.docker_swap(service)


def _known(service: Service) -> None:
    unknown = {
        key: entry for key, entry in service.keys.entries.items() if key not in KEYS and not key.startswith("x-")
    }
    if unknown:
        what = "Compose knows no such key"
        raise ConfigProblems(problem_at(one.mark, key, what, nearest(key, KEYS)) for key, one in unknown.items())


def _settle(service: Service) -> None:
    """Variables: what Compose refuses is told, and what was written as it is now. Those that whoever launches hands
    over are neither."""
    problems = []
    project = service.project
    for _, node in leaves(service.keys):
        if not isinstance(node, ScalarNode) or node.mark in service.taken:
            continue
        if problem := project.missing.get(node.mark):
            problems.append(problem)
        for use in project.uses.get(node.mark, ()):
            if use.hidden:
                why = f"it looks like a secret: {HIDDEN} stands there"
                service.lose(f"${{{use.name}}}", node.mark, why, "hand it over as a variable, or put it back")
            elif use.origin == "nowhere":
                why = "your environment does not have it: nothing stands there"
                service.lose(f"${{{use.name}}}", node.mark, why)
            elif use.origin == "environment":
                service.lose(f"${{{use.name}}}", node.mark, "is written as it is in your environment now")
    if problems:
        raise ConfigProblems(problems)


def _lose_of_file(draft: Draft, files: Files, services: Mapping[str, Entry]) -> None:
    """What the file says beside its services."""
    tree: MapNode = files.tree
    if len(services) > 1:
        first = tree.entries.get("services") or next(iter(services.values()))
        draft.lose(f"services {', '.join(services)}", first.mark, _BY_NAME, _NETWORK)
    for key, entry in tree.entries.items():
        if "services" in tree.entries and key not in _OF_FILES and not key.startswith("x-"):
            instead = "gpuws profiles import, for each file of it" if key == "include" else ""
            draft.lose(key, entry.mark, "is not read", instead)
    for other in files.overrides():
        draft.lose(other, tree.mark, "Compose would lay it over this file; it is not read")
