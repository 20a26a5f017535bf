"""Why a server lets nobody in, and what leads on: by what it takes, and what we have. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass

_NAMES = {
    "gssapi-with-mic": "Kerberos (gssapi-with-mic)",
    "gssapi-keyex": "Kerberos (gssapi-keyex)",
    "hostbased": "logins of known machines (hostbased)",
}
_SWITCHES = {
    "publickey": "PubkeyAuthentication",
    "keyboard-interactive": "KbdInteractiveAuthentication",
    "password": "PasswordAuthentication",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """`offered`: the methods that the server takes; empty: it was not told. `ours`: those that the SSH configuration
    allows and gpuws can do. `keys`: something was shown to it as a key. `asked`: a person answered, and that was not
    taken. `silent`: BatchMode. `exposed`: private key files that others can read. `typed`: the host, as ssh has it.
    `by_ssh`: the system's ssh was refused, not gpuws' own login."""

    offered: Collection[str]
    ours: Collection[str]
    keys: bool
    asked: bool
    silent: bool
    exposed: Sequence[str]
    user: str
    typed: str
    by_ssh: bool = False


def remedy(refusal: Refusal) -> str:
    """What to do about it: never what can't help, as a key for a server that takes none."""
    ways = [*_mend(refusal)] or [f"`ssh -v {shlex.quote(refusal.typed)}` tells more"]
    first, *others = dict.fromkeys(ways)
    return "; or ".join([first, *others])


def _mend(refusal: Refusal) -> list[str]:
    offered, host = set(refusal.offered), shlex.quote(refusal.typed)
    ways: list[str] = []
    if not offered:
        return [f"check the user name; `ssh -v {host}` tells more"]
    if refusal.exposed:
        ways.append(shlex.join(["chmod", "600", *refusal.exposed]))
    usable = offered & set(_SWITCHES)
    if not usable and refusal.by_ssh and offered & {"gssapi-with-mic", "gssapi-keyex"}:
        return [f"`kinit`, and GSSAPIAuthentication yes in the SSH configuration; `ssh -v {host}` tells more"]
    if not usable:
        return [f"`ssh -v {host}` tells more" if refusal.by_ssh else _by_the_system(offered, host)]
    if "publickey" in offered and "publickey" in refusal.ours:
        there = f"that your key is in ~/.ssh/authorized_keys of {refusal.user} there"
        ways.append(f"check the user name, and {there}" if refusal.keys else "give it a key of yours: IdentityFile")
    elif refusal.asked:
        ways.append("check the user name, and answer again")
    if not usable & set(refusal.ours):
        options = " or ".join(_SWITCHES[method] for method in _SWITCHES if method in usable)
        if refusal.silent and usable - {"publickey"}:
            ways.append("BatchMode no in the SSH configuration, so that you can be asked")
        else:
            ways.append(f"{options} yes in the SSH configuration, and its name in PreferredAuthentications")
    elif refusal.silent and usable - {"publickey"}:
        ways.append("BatchMode no in the SSH configuration, so that you can be asked")
    ways.append(f"`ssh -v {host}` tells more")
    return ways


def _by_the_system(offered: set[str], host: str) -> str:
    """None of the methods that gpuws' own connection has: the system's ssh may."""
    if offered & {"gssapi-with-mic", "gssapi-keyex"}:
        return f"`kinit`, then `ssh {host}`; with `backend: openssh` in hosts.yaml gpuws logs in as ssh does"
    if "hostbased" in offered:
        way = "HostbasedAuthentication yes in the SSH configuration"
        return f"{way} and `backend: openssh` in hosts.yaml, where its admin has listed this machine"
    return f"`ssh {host}` shows whether ssh itself gets in; `backend: openssh` in hosts.yaml logs in as it does"


def named(methods: Collection[str]) -> str:
    """Methods as a sentence has them."""
    return ", ".join(_NAMES.get(method, method) for method in methods) or "unknown"
