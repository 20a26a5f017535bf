"""OpenSSH options that a host's `ssh_options` may name in vain, and what ssh would do besides a login. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gpuws.model.text import plain

MOST_NAMED = 4  # forwards of a kind

_COMMANDS = ("localcommand", "permitlocalcommand", "remotecommand", "knownhostscommand", "xauthlocation")
_LOADED = ("pkcs11provider", "securitykeyprovider")
_FORWARDS = ("localforward", "remoteforward", "dynamicforward", "gatewayports", "tunnel", "tunneldevice")
_LENT = ("forwardagent", "forwardx11", "forwardx11trusted")
_MASTER = ("controlmaster", "controlpath", "controlpersist")
_PROCESS = ("forkafterauthentication", "stdinnull", "sessiontype", "requesttty")

# They run commands, load code, forward, or steer ssh's own process: nothing of it is done on the quiet.
IGNORED = frozenset((*_COMMANDS, *_LOADED, *_FORWARDS, *_LENT, *_MASTER, *_PROCESS))


def is_ignored(option: str) -> bool:
    return option.lower() in IGNORED


def besides(lines: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """What `ssh HOST` would do besides opening a terminal there, each in a few words; gpuws does none of it. `lines`:
    of `ssh -G`, by their lower-case keys."""
    found = []
    if (command := _first(lines, "remotecommand")) not in ("", "none"):
        found.append(f"run `{plain(command, 120)}` (RemoteCommand)")
    for key, word in (("localforward", "LocalForward"), ("remoteforward", "RemoteForward")):
        found += [f"forward {_ends(line)} ({word})" for line in lines.get(key, ())[:MOST_NAMED]]
    found += [f"open a SOCKS proxy on {plain(line, 60)} (DynamicForward)" for line in lines.get("dynamicforward", ())]
    if _first(lines, "forwardagent") not in ("", "no", "none"):
        found.append("lend it your agent (ForwardAgent)")
    if _first(lines, "forwardx11") == "yes":
        found.append("show its windows here (ForwardX11)")
    return tuple(found)


def _first(lines: Mapping[str, Sequence[str]], key: str) -> str:
    return next(iter(lines.get(key, ())), "")


def _ends(line: str) -> str:
    near, _, far = line.partition(" ")
    return f"{plain(near, 60)} to {plain(far, 60)}" if far else plain(near, 60)
