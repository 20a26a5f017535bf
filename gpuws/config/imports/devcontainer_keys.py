"""What a Compose service makes of each key of a devcontainer.json.

https://containers.dev/implementors/json_reference/"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gpuws.config.imports.compose.service import as_items, as_map, as_text, wrong
from gpuws.config.imports.devcontainer_variables import FOLDER, Workspace
from gpuws.config.imports.draft import Draft, node_of
from gpuws.config.yaml.nodes import Entry, ListNode, MapNode, Node, Position, ScalarNode, is_null

_EDITOR = "it is for the editor"
_NOT_RUN = "nothing of an imported text is run"
_FLAGS = frozenset({"readonly", "ro"})
_FLAG = ""
"""The value of a word without one."""


@dataclass(slots=True)
class Container:
    """What it says, as a service's keys. `run_args`: words for docker's own program."""

    tree: MapNode
    draft: Draft
    workspace: Workspace
    said: dict[str, Entry] = field(default_factory=dict)
    volumes: list[Node] = field(default_factory=list)
    run_args: list[ScalarNode] = field(default_factory=list)

    def entry(self, key: str) -> Entry | None:
        entry = self.tree.entries.get(key)
        return None if entry is None or is_null(entry.node) else entry

    def say(self, key: str, value: Any, mark: Position) -> None:
        self.said[key] = Entry(mark, node_of(value, mark))

    def put(self, key: str, name: str, value: Any, mark: Position) -> None:
        """One more of a map."""
        before = self.said.get(key)
        entries = before.node.entries if before and isinstance(before.node, MapNode) else {}
        self.said[key] = Entry(mark, MapNode(mark, {**entries, name: Entry(mark, node_of(value, mark))}))

    def lose(self, key: str, entry: Entry, why: str, instead: str = "") -> None:
        word = entry.node.text if isinstance(entry.node, ScalarNode) else ""
        self.draft.lose(f"{key}: {word}" if word else key, entry.mark, why, instead)

    def service(self) -> MapNode:
        keys = dict(self.said)
        if self.volumes:
            keys["volumes"] = Entry(self.volumes[0].mark, ListNode(self.volumes[0].mark, tuple(self.volumes)))
        return MapNode(self.tree.mark, keys)

    def named_volumes(self) -> MapNode:
        """The volumes that it uses, as a Compose file has them: by the engine's own names."""
        outside = {"external": True}
        names = {text.text: outside for one in self.volumes if (text := _volume(one))}
        found = node_of(names, self.tree.mark)
        assert isinstance(found, MapNode)
        return found

    def keeps_running(self) -> bool:
        """Whether the editor would run a program of its own that never ends."""
        told = self.entry("overrideCommand")
        return told is None or not isinstance(told.node, ScalarNode) or told.node.value is not False

    def mount_workspace(self, *, composed: bool) -> None:
        """The folder that it lies in, unless it says otherwise. A Compose file says itself what it mounts."""
        told = self.tree.entries.get("workspaceMount")
        place = self.workspace
        if told is not None and isinstance(told.node, ScalarNode):
            if told.node.text:
                self.volumes.append(mount("workspaceMount", told.node))
        elif not composed and place.folder is not None:
            said = {"type": "bind", "source": place.on_host(), "target": place.inside}
            self.volumes.append(node_of({**said, "bind": {"create_host_path": False}}, self.tree.mark))
        elif not composed:
            why = "pasted text lies nowhere: the workspace is not bound"
            self.draft.lose("workspaceFolder", self.tree.mark, why, f"volumes: [~/FOLDER:{place.inside}/FOLDER]")
        if not composed and (place.folder is not None or self.entry("workspaceFolder")):
            self.say("working_dir", place.inside, self.tree.mark)


Rule = Callable[[Container, Entry], None]


def mount(key: str, node: Node) -> Node:
    """`source=…,target=…,type=bind` as Compose's long form; an object says the same."""
    if isinstance(node, MapNode):
        words = {name: as_text(f"{key}.{name}", one.mark, one.node) for name, one in node.entries.items()}
    else:
        parts = (part.partition("=") for part in as_text(key, node.mark, node).split(",") if part.strip())
        words = {name.strip().lower(): value if equals else _FLAG for name, equals, value in parts}
    aliases = {"src": "source", "dst": "target", "destination": "target"}
    words = {aliases.get(name, name): value for name, value in words.items()}
    said: dict[str, Any] = {"type": words.pop("type", "volume")}
    said |= {name: words.pop(name) for name in ("source", "target", "consistency") if name in words}
    said["read_only"] = any(words.pop(flag) in (_FLAG, "true", "1") for flag in _FLAGS & words.keys())
    if propagation := words.pop("bind-propagation", ""):
        said["bind"] = {"propagation": propagation}
    words.pop("external", None)
    if said.get("target", _FLAG) == _FLAG:
        wrong(node.mark, key, "a mount such as source=/data,target=/data,type=bind")
    if words:
        wrong(node.mark, key, f"source, target, type, readonly or consistency: {', '.join(words)} is none")
    return node_of(said, node.mark)


def _volume(node: Node) -> ScalarNode | None:
    """The source of a named volume."""
    told, source = (node.get("type"), node.get("source")) if isinstance(node, MapNode) else (None, None)
    named = isinstance(told, ScalarNode) and told.text == "volume"
    return source if named and isinstance(source, ScalarNode) else None


def _nothing(container: Container, entry: Entry) -> None:
    """It is said together with other keys, or says nothing of the container."""


def _lost(key: str, why: str, instead: str = "") -> Rule:
    return lambda container, entry: container.lose(key, entry, why, instead)


def _same(key: str) -> Rule:
    return lambda container, entry: container.say(key, entry.node, entry.mark)


def _build(container: Container, entry: Entry) -> None:
    told = as_map("build", entry.mark, entry.node)
    for key, one in told.entries.items():
        if key not in ("dockerfile", "context"):
            name = {"cacheFrom": "cache_from"}.get(key, key)
            container.put("build", name, one.node, one.mark)
    _dockerfile(container, told.entries.get("dockerfile"), told.entries.get("context"), entry)


def _old_dockerfile(container: Container, entry: Entry) -> None:
    _dockerfile(container, entry, container.entry("context"), entry)


def _dockerfile(container: Container, dockerfile: Entry | None, context: Entry | None, place: Entry) -> None:
    """Both begin at the devcontainer.json; a profile's Dockerfile begins at the context."""
    where = as_text("context", context.mark, context.node) if context else "."
    file = as_text("dockerfile", dockerfile.mark, dockerfile.node) if dockerfile else "Dockerfile"
    base = str(container.workspace.directory or f"/w/w/w/{FOLDER}")
    within = posixpath.relpath(posixpath.join(base, file), posixpath.join(base, where))
    container.put("build", "context", where, (context or place).mark)
    container.put("build", "dockerfile", within, (dockerfile or place).mark)


def _environment(container: Container, entry: Entry) -> None:
    for name, one in as_map("containerEnv", entry.mark, entry.node).entries.items():
        container.put("environment", name, one.node, one.mark)


def _remote_environment(container: Container, entry: Entry) -> None:
    """Of the editor's programs; what needs the container's own can't be said before there is one."""
    for name, one in as_map("remoteEnv", entry.mark, entry.node).entries.items():
        if isinstance(one.node, ScalarNode) and "${" in one.node.text:
            why = "it is made of what the container has, which nobody knows before it runs"
            container.lose(f"remoteEnv.{name}", one, why)
        else:
            container.put("environment", name, one.node, one.mark)


def _mounts(container: Container, entry: Entry) -> None:
    for index, item in enumerate(as_items("mounts", entry.mark, entry.node)):
        container.volumes.append(mount(f"mounts[{index}]", item))


def _forwarded(container: Container, entry: Entry) -> None:
    """A tunnel's targets: nothing is published."""
    ports = []
    for index, item in enumerate(as_items("forwardPorts", entry.mark, entry.node)):
        text = as_text(f"forwardPorts[{index}]", item.mark, item).removeprefix("localhost:")
        if text.isdecimal():
            ports.append(ScalarNode(item.mark, text, text))
        elif ":" in text:
            container.draft.lose(f"forwardPorts: {text}", item.mark, "it is another container's", "gpuws tunnel")
        else:
            wrong(item.mark, f"forwardPorts[{index}]", "a port", item)
    if ports:
        container.say("expose", ports, entry.mark)


def _published(container: Container, entry: Entry) -> None:
    items = entry.node.items if isinstance(entry.node, ListNode) else (entry.node,)
    ports = []
    for item in items:
        text = as_text("appPort", item.mark, item)
        ports.append(ScalarNode(item.mark, text, text if ":" in text else f"{text}:{text}"))
    container.say("ports", ports, entry.mark)


def _remote_user(container: Container, entry: Entry) -> None:
    word = as_text("remoteUser", entry.mark, entry.node)
    if container.entry("containerUser") is None:
        why = "the container runs as its image says, and so do shells in it"
        container.lose("remoteUser", entry, why, f"user: {word}, or gpuws exec -it -u {word}")


def _requirements(container: Container, entry: Entry) -> None:
    for key, one in as_map("hostRequirements", entry.mark, entry.node).entries.items():
        if key != "gpu":
            container.lose(f"hostRequirements.{key}", one, "it says what a host must have, and limits nothing")
        elif not (isinstance(one.node, ScalarNode) and one.node.value in (False, None)):
            container.say("gpus", "all", one.mark)


def _run_args(container: Container, entry: Entry) -> None:
    for index, item in enumerate(as_items("runArgs", entry.mark, entry.node)):
        text = as_text(f"runArgs[{index}]", item.mark, item)
        container.run_args.append(ScalarNode(item.mark, text, text))


_HOOKS = ("initializeCommand", "onCreateCommand", "updateContentCommand", "postCreateCommand", "postStartCommand")
KEYS: Mapping[str, Rule] = {
    "$schema": _nothing,
    "appPort": _published,
    "build": _build,
    "capAdd": _same("cap_add"),
    "containerEnv": _environment,
    "containerUser": _same("user"),
    "context": _nothing,
    "customizations": _lost("customizations", _EDITOR),
    "devPort": _nothing,
    "dockerComposeFile": _nothing,
    "dockerFile": _old_dockerfile,
    "extensions": _lost("extensions", _EDITOR),
    "features": _lost("features", "gpuws builds no features into an image", "an image that has them, or build"),
    "forwardPorts": _forwarded,
    "hostRequirements": _requirements,
    "image": _same("image"),
    "init": _same("init"),
    "mounts": _mounts,
    "name": _nothing,
    "otherPortsAttributes": _nothing,
    "overrideCommand": _nothing,
    "overrideFeatureInstallOrder": _nothing,
    "portsAttributes": _nothing,
    "postAttachCommand": _lost("postAttachCommand", _NOT_RUN, "gpuws exec"),
    "privileged": _same("privileged"),
    "remoteEnv": _remote_environment,
    "remoteUser": _remote_user,
    "runArgs": _run_args,
    "runServices": _lost("runServices", "a profile is one container", "gpuws profiles import, for the Compose file"),
    "secrets": _lost("secrets", "it only says which there could be", "environment: {NAME: null}"),
    "securityOpt": _same("security_opt"),
    "service": _nothing,
    "settings": _lost("settings", _EDITOR),
    "shutdownAction": _nothing,
    "updateRemoteUserUID": _nothing,
    "userEnvProbe": _nothing,
    "waitFor": _nothing,
    "workspaceFolder": _nothing,
    "workspaceMount": _nothing,
    **{hook: _lost(hook, _NOT_RUN, "gpuws exec, once it runs") for hook in _HOOKS},
}
