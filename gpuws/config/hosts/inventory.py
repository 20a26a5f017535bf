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
from gpuws.model.host.configured import Configured, ConfiguredHost
from gpuws.model.host.host import LOCAL, Host
from gpuws.model.host.naming import wrong_name
from gpuws.model.query.nearest import meant
from gpuws.model.text import plain

if TYPE_CHECKING:
    from gpuws.config.hosts.hosts import HostEntry, HostFiles
    from gpuws.model.host.configured import Alias, LeftOut

_OTHERWISE = ("name", "hostname", "user", "port", "ssh_config", "docker")
"""Fields that are no keys of a host by the same name."""
_AS_THEY_ARE = tuple(one.name for one in fields(Host) if one.name not in _OTHERWISE)
_HEADER = "# Hosts of gpuws. A name alone is an alias of your SSH configuration.\n"


@dataclass(frozen=True, slots=True)
class Inventory:
    """Edits keep comments and order; each is written whole or not at all, and only if the result can be read again."""

    paths: Paths
    environ: Mapping[str, str]

    def configured(self) -> Configured:
        """All hosts that are written down, and aliases that are not; nothing is resolved, run or dialled."""
        found = self._found()
        _must_be_right(found)
        hosts = found.hosts() if found else ()
        _must_be_right(found)
        return Configured(
            str(self.paths.hosts_file),
            found is not None,
            tuple(ConfiguredHost(host, self._elsewhere(found, host.name)) for host in hosts if not host.is_local),
            *self._offered(found),
        )

    def aliases(self) -> tuple[Alias, ...]:
        """What the SSH configuration of my hosts.yaml offers, hosts that are configured already left out."""
        return self._offered(self._found())[0]

    def hosts(self, names: Iterable[str]) -> tuple[Host, ...]:
        """Each as it is configured, or as the alias of that name would be; nothing is looked up."""
        found = self._found()
        known = {host.name: host for host in self.all()}
        return tuple(known.get(name) or Host(name, ssh_config=self._ssh_config(found)) for name in names)

    def add(self, hosts: Iterable[str | Host]) -> tuple[Host, ...]:
        """Write hosts down (a name: an alias of the SSH configuration) and return them as configured.

        What is configured already is left as it is; UsageError where a `Host` says otherwise."""
        from gpuws.config.hosts.edit import add_entries

        wanted = [Host(host) if isinstance(host, str) else host for host in hosts]
        for host in wanted:
            _must_be_name(host.name)
        known = {host.name: host for host in self.all()}
        fresh = {host.name: host for host in wanted if host.name not in known}
        for host in wanted:
            if host.name in known and written(host) and written(host) != written(known[host.name]):
                raise UsageError(f"{host.name} is configured already", f"edit {self.paths.hosts_file}")
        if fresh:
            self._edit(lambda text: add_entries(text, {name: written(host) for name, host in fresh.items()}), fresh)
        names = {host.name for host in wanted}
        return tuple(host for host in self.all() if host.name in names)

    def save(self, host: Host, was: str | None = None) -> None:
        """Write a new host down, or what is another of the one that is called `was`: its other keys stay as they are.

        TargetError: there is no such host; UsageError: it can't be written so."""
        self._edit(self._change(host, was), [host.name])

    def planned(self, host: Host, was: str | None = None) -> Host:
        """As it would be configured once it is saved; nothing is written."""
        _, hosts = self._edited(self._change(host, was), [host.name])
        return next(one for one in hosts if one.name == host.name)

    def remove(self, name: str) -> None:
        """Take a host out of my hosts.yaml. TargetError: no such host; UsageError: it isn't written there alone."""
        from gpuws.config.hosts.edit import remove_entry

        self._must_be_mine(name)
        self._must_lead_nowhere(name)
        self._edit(lambda text: remove_entry(text, name), ())

    def _change(self, host: Host, was: str | None) -> Callable[[str], str]:
        """What saving `host` does to the text."""
        from gpuws.config.hosts.edit import add_entries, change_entry

        _must_be_name(host.name)
        known = {one.name: one for one in self.all()}
        if host.name != was and host.name in known:
            raise UsageError(f"{host.name} is configured already", "choose another name")
        if was is None:
            return lambda text: add_entries(text, {host.name: written(host)})
        self._must_be_mine(was)
        if host.name != was:
            self._must_lead_nowhere(was)
        before, after = written(known[was]), written(host)
        changes = {key: after.get(key) for key in before | after if before.get(key) != after.get(key)}
        return lambda text: change_entry(text, was, changes, host.name)

    def _must_be_mine(self, name: str) -> None:
        """TargetError or UsageError unless gpuws can change what is written of it."""
        found = self._found()
        _must_be_right(found)
        if found is None or name not in found.entries:
            entries = found.entries if found else ()
            remedy = meant(name, entries) or f"hosts: {', '.join(entries) or 'none'}"
            raise TargetError(f"there is no host {plain(name)!r}", remedy)
        if elsewhere := self._elsewhere(found, name):
            raise UsageError(f"{name} comes from {elsewhere}", "edit it there")

    def _must_lead_nowhere(self, name: str) -> None:
        """Hosts that go through it by the address that is written here would not be found any more."""
        hosts = self.all()
        through = [one.name for one in hosts if one.jump and name in one.jump.split(",")]
        if through and any(one.name == name and one.hostname for one in hosts):
            raise UsageError(f"{', '.join(through)} is reached through {name}", "change its jump host first")

    def _elsewhere(self, found: HostFiles | None, name: str) -> str:
        """Where a host comes from that does not stand in my file by itself."""
        entry: HostEntry | None = found.entries.get(name) if found else None
        if entry is None or (entry.mark.path == str(self.paths.hosts_file) and entry.written == name):
            return ""
        return f"{entry.written} in {entry.mark}"

    def _offered(self, found: HostFiles | None) -> tuple[tuple[Alias, ...], tuple[LeftOut, ...]]:
        from gpuws.config.hosts.ssh_aliases import read_aliases

        known = set(found.entries) if found else set()
        config = self._ssh_config(found)
        aliases, left_out = read_aliases(Path(config) if config else None, self.environ)
        return tuple(alias for alias in aliases if alias.name not in known), left_out

    def _ssh_config(self, found: HostFiles | None) -> str | None:
        """What my hosts.yaml names instead of ~/.ssh/config."""
        return found.ssh_config if found and present(self.paths.hosts_file) else None

    def _found(self) -> HostFiles | None:
        """What all hosts files say; None where there is none."""
        shared = open_shared(self.paths, user_settings(self.paths, self.environ), self.environ)
        return read_all_hosts(self.paths, shared, self.environ)

    def all(self) -> tuple[Host, ...]:
        """As configured now, this machine among them."""
        return load_configuration(self.paths, self.environ).hosts

    def _edit(self, change: Callable[[str], str], names: Iterable[str]) -> None:
        """Change my file's text and write it, once the result is known to be right. `names`: hosts it is about."""
        from gpuws.config.files import write_atomically

        write_atomically(self.paths.hosts_file, self._edited(change, names)[0])

    def _edited(self, change: Callable[[str], str], names: Iterable[str]) -> tuple[str, tuple[Host, ...]]:
        """My file's text as it would be then, and the hosts it says."""
        path = self.paths.hosts_file
        after = change(_read(path) if present(path) else _HEADER)
        try:
            return after, _hosts_of(after, path, self.environ)
        except ConfigProblems as error:
            first = error.problems[0]
            for name in names:
                if first.key.startswith(about := f"hosts.{name}."):
                    raise UsageError(f"{name}: {first.key.removeprefix(about)}: {first.message}") from error
            raise UsageError(f"{path} can't be edited from here: {first}", "edit it by hand") from error


def _must_be_name(name: str) -> None:
    why = "it is this machine's" if name == LOCAL else wrong_name(name)
    if why:
        raise UsageError(f"{plain(name)!r} can't be a host's name: {why}", "choose another name, and give its address")


def _must_be_right(found: HostFiles | None) -> None:
    if found and found.problems:
        raise ConfigProblems(found.problems)


def _hosts_of(text: str, path: Path, environ: Mapping[str, str]) -> tuple[Host, ...]:
    """ConfigProblems unless `text` is a hosts.yaml without problems."""
    from gpuws.config.hosts.hosts import HostFiles, circles
    from gpuws.config.yaml.reader import read_text

    found = HostFiles(environ)
    found.lay(read_text(text, str(path)), path)
    found.problems += [] if found.problems else circles(found.entries)
    _must_be_right(found)
    hosts = found.hosts()
    _must_be_right(found)
    return hosts


def _read(path: Path) -> str:
    """A hosts.yaml that was read without problems just now, line ends as they are."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise UsageError(f"{path} can't be read: {error}", "fix it first") from error


def written(host: Host) -> dict[str, Any]:
    """A host as hosts.yaml says it: only what is not as it is without saying."""
    from gpuws.model.host.address import Address

    usual = Host(host.name)
    entry: dict[str, Any] = {}
    if host.hostname or host.user or host.port:
        entry["address"] = str(Address(host.hostname or host.name, host.user, host.port))
    docker = {"socket": host.docker.socket, "sudo": host.docker.sudo, "context": host.docker.context}
    if docker := {key: value for key, value in docker.items() if value}:
        entry["docker"] = docker
    for key in _AS_THEY_ARE:
        value = getattr(host, key)
        if value != getattr(usual, key):
            entry[key] = list(value) if isinstance(value, tuple) else value
    return entry
