"""The hosts that a form about images names."""

from __future__ import annotations

from gpuws.model.errors import UsageError
from gpuws.tui.base import AppBase
from gpuws.tui.launch.where import launchable


def hosts_of(app: AppBase, text: str) -> tuple[str, ...]:
    """As they are typed: names, or `all` that can be changed now."""
    words = text.replace(",", " ").split()
    if words == ["all"]:
        return tuple(one.name for one in app.state.snapshots if not launchable(one))
    return tuple(dict.fromkeys(words))


def named_hosts(app: AppBase, text: str) -> tuple[str, ...]:
    """UsageError where there is none, or one of them can't be changed."""
    hosts = hosts_of(app, text)
    if not hosts:
        raise UsageError("on which hosts?")
    for host in hosts:
        snapshot = app.state.hosts.get(host)
        if snapshot is None:
            raise UsageError(f"no host {host!r}; there are {', '.join(app.state.hosts)}")
        if reason := launchable(snapshot):
            raise UsageError(f"{host}: {reason}")
    return hosts
