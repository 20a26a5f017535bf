"""OpenSSH options that a host's `ssh_options` may name in vain. Pure."""

from __future__ import annotations

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
