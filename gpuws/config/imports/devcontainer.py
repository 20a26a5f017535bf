"""A devcontainer.json as a profile: said as a Compose service, and read as one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from gpuws.config.imports.compose.files import Files
from gpuws.config.imports.compose.layers import laid_over, whole
from gpuws.config.imports.compose.service import Project, Service, as_map, as_text
from gpuws.config.imports.compose.services import say_service, services_of
from gpuws.config.imports.devcontainer_keys import KEYS, Container
from gpuws.config.imports.devcontainer_variables import Workspace
from gpuws.config.imports.draft import Draft
from gpuws.config.imports.jsonc import read_jsonc
from gpuws.config.imports.names import profile_name
from gpuws.config.imports.run.arguments import read_flags
from gpuws.config.imports.run.reading import Reading
from gpuws.config.imports.run.words import Word
from gpuws.config.yaml.nodes import Entry, ListNode, MapNode, ScalarNode, is_null
from gpuws.config.yaml.problems import ConfigProblems, nearest, problem_at
from gpuws.config.yaml.reader import load_text
from gpuws.model.profile.imported import Imported

_STAYS = ("sleep", "infinity")


def read_devcontainer(
    text: str, name: str, environ: Mapping[str, str], directory: Path | None, source: str
) -> Imported:
    """As `reading.read` has it. Of other files only the Compose file that it names is read, below its workspace."""
    draft = Draft(source)
    workspace = Workspace.of(environ, directory, draft)
    tree = workspace.replaced(read_jsonc(text, source))
    container = Container(tree, draft, workspace)
    _say(container)
    composed = container.entry("dockerComposeFile")
    container.mount_workspace(composed=composed is not None)
    if composed is None and container.keeps_running():
        container.say("entrypoint", _STAYS, tree.mark)
    home = environ.get("HOME", "")
    volumes = MapNode(tree.mark, {"volumes": Entry(tree.mark, container.named_volumes())})
    project = Project(workspace.name, directory, source, home, volumes, uses=workspace.uses, alone=workspace.alone)
    if composed is not None:
        _say_composed(container, composed, environ, directory)
    else:
        _say_run_args(container)
        say_service(Service("devcontainer", container.service(), project, draft), tree.mark)
    said = tree.get("name")
    called = profile_name(said.text if isinstance(said, ScalarNode) else "") or profile_name(workspace.name)
    return draft.finished(name or called or "devcontainer")


def _say(container: Container) -> None:
    for key, entry in container.tree.entries.items():
        if key not in KEYS:
            raise ConfigProblems([problem_at(entry.mark, key, "devcontainer.json has no such key", nearest(key, KEYS))])
        if not is_null(entry.node):
            KEYS[key](container, entry)


def _say_run_args(container: Container) -> None:
    """What docker's own program is told; GPUs that it names are those that a host must have."""
    if not container.run_args:
        return
    first = container.run_args[0].mark
    reading = Reading(container.draft, {}, line=first.line)
    read_flags([Word(one.text, one.mark.line) for one in container.run_args], reading)
    if "gpus" in container.draft.said:
        container.said.pop("gpus", None)


def _say_composed(container: Container, entry: Entry, environ: Mapping[str, str], directory: Path | None) -> None:
    """The service of a Compose file, with what the devcontainer.json says laid over it."""
    named = entry.node.items if isinstance(entry.node, ListNode) else (entry.node,)
    wanted = container.entry("service")
    if not named or wanted is None:
        raise ConfigProblems([problem_at(entry.mark, "dockerComposeFile", "expected a file, and service beside it")])
    first = as_text("dockerComposeFile", named[0].mark, named[0])
    service = as_text("service", wanted.mark, wanted.node)
    for other in named[1:]:
        container.draft.lose("dockerComposeFile", other.mark, "only the first file is read")
    path = _below(container, first, entry, directory)
    files = Files.of(load_text(path), environ, path.parent, str(path))
    found = services_of(files.tree).get(service)
    if found is None:
        what = f"there is no service {service!r} in {first}"
        raise ConfigProblems([problem_at(wanted.mark, "service", what, nearest(service, services_of(files.tree)))])
    keys = whole(service, as_map(f"services.{service}", found.mark, found.node), files.finder(files.tree, str(path)))
    own = container.service()
    say_service(Service(service, laid_over(keys, own), files.project(), container.draft), found.mark)


def _below(container: Container, file: str, entry: Entry, directory: Path | None) -> Path:
    """The Compose file, where it may be read: below the workspace."""
    root = container.workspace.folder
    if directory is None or root is None:
        what = "it is another file, which pasted text does not lead to: import that one, or this file itself"
        raise ConfigProblems([problem_at(entry.mark, "dockerComposeFile", what)])
    there = Path(os.path.realpath(directory / file))
    if not there.is_relative_to(os.path.realpath(root)):
        what = f"{file} lies outside {root}: gpuws reads only what lies below the workspace"
        raise ConfigProblems([problem_at(entry.mark, "dockerComposeFile", what)])
    return there
