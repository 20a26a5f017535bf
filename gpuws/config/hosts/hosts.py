"""hosts.yaml → the fleet's hosts. A lab's shared files come first; mine refine them, host by host."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gpuws.config.hosts.ranges import expand, in_address, is_range
from gpuws.config.merge.maps import merge
from gpuws.config.paths import absolute
from gpuws.config.yaml.nodes import Entry, MapNode, Position, ScalarNode
from gpuws.config.yaml.problems import ConfigProblems, Problem, problem_at
from gpuws.model.host.address import parse_address
from gpuws.model.host.host import LOCAL, DockerAccess, Host
from gpuws.model.host.naming import wrong_name
from gpuws.model.host.ssh_options import is_ignored

if TYPE_CHECKING:
    from gpuws.config.hosts.hosts_file import HostSection, HostsFile, LocalSection


@dataclass(frozen=True, slots=True)
class HostEntry:
    """A host as written. `written`: the key it comes from, a range or its own name. `ssh_config`: for `ssh -F`."""

    name: str
    written: str
    mark: Position
    tree: MapNode
    ssh_config: str | None


@dataclass(frozen=True, slots=True)
class SharedHosts:
    """A hosts file that others keep, as far as I accepted what it does.

    `tree`: what may be used, None where nothing was accepted. `copies`: of SSH configurations, by their
    paths. `files`: those that decide what may be used. `note`: one line where it is not what lies there now."""

    path: Path
    tree: MapNode | None
    note: str = ""
    copies: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Path, ...] = ()


@dataclass(slots=True)
class HostFiles:
    """Several hosts.yaml read one over the other."""

    environ: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)
    entries: dict[str, HostEntry] = field(default_factory=dict)
    ssh_config: str | None = None
    _local: MapNode | None = None
    _show_local: bool = True
    _defaults: dict[str, float] = field(default_factory=dict)

    def read(self, path: Path) -> None:
        """Lay the file over those before; what is wrong with it goes to `problems`."""
        from gpuws.config.yaml.reader import read_file

        try:
            self.lay(read_file(path, self.problems), path)
        except ConfigProblems as error:
            self.problems += error.problems

    def lay(self, tree: MapNode, path: Path, copies: Mapping[str, str] | None = None) -> None:
        """The same for what `path` says, or would say. `copies`: what to read instead of SSH configurations."""
        from gpuws.config.hosts.hosts_file import HostsFile
        from gpuws.config.yaml.validate import validate

        file = validate(HostsFile, tree, self.problems)
        if file is not None:
            config = str(absolute(file.ssh_config, self.environ, path.parent)) if file.ssh_config else None
            self.ssh_config = (copies or {}).get(os.path.normpath(config), config) if config else None
            self._take_local(file, tree)
            self._defaults |= file.defaults.model_dump(exclude_unset=True)
        hosts = tree.get("hosts")
        for written, entry in hosts.entries.items() if isinstance(hosts, MapNode) else ():
            self._take(written, entry)

    def hosts(self) -> tuple[Host, ...]:
        """In the order of the files, this machine last. Call it once `problems` is known to be empty."""
        from gpuws.config.hosts.hosts_file import HostSection, LocalSection
        from gpuws.config.yaml.validate import validate

        found: list[Host] = []
        for entry in self.entries.values():
            section = validate(HostSection, entry.tree, self.problems)
            if section is not None:
                found.append(_remote(entry, section, self._defaults))
        if self._show_local:
            local = validate(LocalSection, self._local or MapNode(Position(""), {}), self.problems)
            if local is not None:
                found.append(_common(Host(LOCAL), local, self._defaults))
        return tuple(found)

    def notes(self) -> tuple[str, ...]:
        """What is written but not done."""
        return tuple(
            f"{option.mark}: {key} is ignored: gpuws runs no commands and forwards nothing by itself"
            for entry in self.entries.values()
            if isinstance(options := entry.tree.get("ssh_options"), MapNode)
            for key, option in options.entries.items()
            if is_ignored(key)
        )

    def _take_local(self, file: HostsFile, tree: MapNode) -> None:
        if "local" not in file.model_fields_set:
            return
        self._show_local = file.local is not None
        node = tree.get("local")
        if isinstance(node, MapNode):
            self._local = merge(self._local, node, self.problems) if self._local else node

    def _take(self, written: str, entry: Entry) -> None:
        node = entry.node if isinstance(entry.node, MapNode) else MapNode(entry.mark, {})
        try:
            names = expand(written) if is_range(written) else [written]
            trees = _spread(node, len(names))
        except ValueError as error:
            self.problems.append(problem_at(entry.mark, f"hosts.{written}", str(error)))
            return
        if wrong := next(filter(None, map(_wrong_name, names)), ""):
            self.problems.append(problem_at(entry.mark, f"hosts.{written}", wrong))
            return
        for name, tree in zip(names, trees, strict=True):
            before = self.entries.get(name)
            merged = merge(before.tree, tree, self.problems) if before else tree
            self.entries[name] = HostEntry(name, written, entry.mark, merged, self.ssh_config)


def read_hosts(files: Sequence[Path], environ: Mapping[str, str], shared: Iterable[SharedHosts] = ()) -> HostFiles:
    """First what may be used of `shared` ones, then all of `files`, the later over the earlier, with the rules that
    span hosts."""
    found = HostFiles(environ)
    for one in shared:
        if one.tree is not None:
            found.lay(one.tree, one.path, one.copies)
    for path in files:
        found.read(path)
    if not found.problems:
        found.problems += circles(found.entries)
    return found


def _wrong_name(name: str) -> str:
    if name == LOCAL:
        return "local is this machine; say what is special about it under the key local"
    why = wrong_name(name)
    return f"can't be the name of a host: {why}" if why else ""


def _spread(tree: MapNode, count: int) -> list[MapNode]:
    """A range's map once for each name; a range in the address runs along."""
    address = tree.get("address")
    if not isinstance(address, ScalarNode) or not in_address(address.text):
        return [tree] * count
    texts = expand(address.text)
    if len(texts) != count:
        raise ValueError(f"the name stands for {count} hosts, the address for {len(texts)}")
    mark = tree.entries["address"].mark
    return [
        replace(tree, entries={**tree.entries, "address": Entry(mark, replace(address, value=text, text=text))})
        for text in texts
    ]


def circles(entries: Mapping[str, HostEntry]) -> list[Problem]:
    """Hosts that jump through themselves."""
    problems = []
    for name, entry in entries.items():
        chain, jump = [name], _jump(entry)
        while jump in entries and jump not in chain:
            chain.append(jump)
            jump = _jump(entries[jump])
        if jump == name:
            mark = entry.tree.entries["jump"].mark
            problems.append(problem_at(mark, f"hosts.{name}.jump", f"goes in a circle: {' → '.join([*chain, jump])}"))
    return problems


def _jump(entry: HostEntry) -> str:
    node = entry.tree.get("jump")
    return node.text if isinstance(node, ScalarNode) else ""


def _remote(entry: HostEntry, section: HostSection, defaults: Mapping[str, float]) -> Host:
    address = parse_address(section.address) if section.address else None
    host = Host(
        entry.name,
        hostname=address.host if address else None,
        user=address.user if address else None,
        port=address.port if address else None,
        identity_file=section.identity_file,
        jump=section.jump,
        ssh_options=dict(section.ssh_options),
        ssh_config=entry.ssh_config,
        backend=section.backend,
        shell=section.shell,
    )
    if (timeout := section.connect_timeout or defaults.get("connect_timeout")) is not None:
        host = replace(host, connect_timeout=timeout)
    return _common(host, section, defaults)


def _common(host: Host, section: LocalSection, defaults: Mapping[str, float]) -> Host:
    interval = section.telemetry_interval or defaults.get("telemetry_interval") or host.telemetry_interval
    return replace(
        host,
        engine=section.engine,
        docker=DockerAccess(section.docker.socket, section.docker.sudo, section.docker.context),
        python=section.python,
        tags=tuple(section.tags),
        readonly=section.readonly,
        shared_login=section.shared_login,
        vars=dict(section.vars),
        telemetry_interval=interval,
    )
