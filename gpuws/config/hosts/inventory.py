"""The user's hosts.yaml as something to add to and take from, and the SSH configuration's aliases to choose from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gpuws.config.load import load_configuration, open_shared, read_all_hosts, user_settings
from gpuws.config.paths import Paths, present
from gpuws.config.yaml.problems import ConfigProblems
from gpuws.model.errors import TargetError, UsageError
from gpuws.model.host.host import LOCAL, NAME, Host
from gpuws.model.text import plain

if TYPE_CHECKING:
    from gpuws.config.hosts.hosts import HostFiles
    from gpuws.config.hosts.ssh_aliases import Alias

_OTHERWISE = ("name", "hostname", "user", "port", "ssh_config", "docker")
"""Fields that are no keys of a host by the same name."""
_AS_THEY_ARE = tuple(one.name for one in fields(Host) if one.name not in _OTHERWISE)
_HEADER = "# Hosts of gpuws. A name alone is an alias of your SSH configuration.\n"


@dataclass(frozen=True, slots=True)
class Inventory:
    """Edits keep comments and order; each is written whole or not at all, and only if the result can be read again."""

    paths: Paths
    environ: Mapping[str, str]

    def aliases(self) -> tuple[Alias, ...]:
        """What the SSH configuration of my hosts.yaml offers, hosts that are configured already left out."""
        from gpuws.config.hosts.ssh_aliases import read_aliases

        found = self._found()
        known = set(found.entries) if found else set()
        mine = present(self.paths.hosts_file) and found and found.ssh_config
        config = Path(mine) if mine else None
        return tuple(alias for alias in read_aliases(config, self.environ) if alias.name not in known)

    def candidates(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(alias.name for alias in self.aliases())

    def add(self, hosts: Iterable[str | Host]) -> tuple[Host, ...]:
        """Write hosts down (a name: an alias of the SSH configuration) and return them as configured.

        What is configured already is left as it is; UsageError where a `Host` says otherwise."""
        from gpuws.config.hosts.edit import add_entries

        wanted = [Host(host) if isinstance(host, str) else host for host in hosts]
        for host in wanted:
            if host.name == LOCAL or not NAME.match(host.name):
                raise UsageError(
                    f"{plain(host.name)!r} can't be a host's name", "letters, digits, dots, dashes, underscores"
                )
        known = {host.name: host for host in self._configured()}
        fresh = {host.name: host for host in wanted if host.name not in known}
        for host in wanted:
            if host.name in known and written(host) and written(host) != written(known[host.name]):
                raise UsageError(f"{host.name} is configured already", f"edit {self.paths.hosts_file}")
        if fresh:
            self._edit(lambda text: add_entries(text, {name: written(host) for name, host in fresh.items()}))
        names = {host.name for host in wanted}
        return tuple(host for host in self._configured() if host.name in names)

    def remove(self, name: str) -> None:
        """Take a host out of my hosts.yaml. TargetError: no such host; UsageError: it isn't written there alone."""
        from gpuws.config.hosts.edit import remove_entry

        found = self._found()
        if found and found.problems:
            raise ConfigProblems(found.problems)
        entries = found.entries if found else {}
        entry = entries.get(name)
        if entry is None:
            raise TargetError(f"there is no host {plain(name)!r}", f"hosts: {', '.join(entries) or 'none'}")
        if entry.mark.path != str(self.paths.hosts_file) or entry.written != name:
            raise UsageError(f"{name} comes from {entry.written} in {entry.mark}", "edit it there")
        self._edit(lambda text: remove_entry(text, name))

    def _found(self) -> HostFiles | None:
        """What all hosts files say; None where there is none."""
        shared = open_shared(self.paths, user_settings(self.paths, self.environ), self.environ)
        return read_all_hosts(self.paths, shared, self.environ)

    def _configured(self) -> tuple[Host, ...]:
        return load_configuration(self.paths, self.environ).hosts

    def _edit(self, change: Callable[[str], str]) -> None:
        """Change my file's text and write it, once the result is known to be right."""
        from gpuws.config.files import write_atomically

        path = self.paths.hosts_file
        before = _read(path) if present(path) else _HEADER
        after = change(before)
        try:
            _must_load(after, path, self.environ)
        except ConfigProblems as error:
            raise UsageError(f"{path} can't be edited from here: {error.problems[0]}", "edit it by hand") from error
        write_atomically(path, after)


def _must_load(text: str, path: Path, environ: Mapping[str, str]) -> None:
    """ConfigProblems unless `text` is a hosts.yaml without problems."""
    from gpuws.config.hosts.hosts import HostFiles
    from gpuws.config.yaml.reader import read_text

    found = HostFiles(environ)
    found.lay(read_text(text, str(path)), path)
    if not found.problems:
        found.hosts()
    if found.problems:
        raise ConfigProblems(found.problems)


def _read(path: Path) -> str:
    """A hosts.yaml that was read without problems just now, line ends as they are."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise UsageError(f"{path} can't be read: {error}", "fix it first") from error


def written(host: Host) -> dict[str, Any]:
    """A host as hosts.yaml says it: only what is not as it is without saying."""
    from gpuws.config.hosts.address import Address

    usual = Host(host.name)
    entry: dict[str, Any] = {}
    if host.hostname or host.user or host.port:
        entry["address"] = str(Address(host.hostname or host.name, host.user, host.port))
    if host.docker.socket:
        entry["docker"] = {"socket": host.docker.socket}
    if host.docker.sudo:
        entry.setdefault("docker", {})["sudo"] = True
    for key in _AS_THEY_ARE:
        value = getattr(host, key)
        if value != getattr(usual, key):
            entry[key] = list(value) if isinstance(value, tuple) else value
    return entry
