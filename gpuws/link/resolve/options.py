"""What `ssh -G` prints, read: one option a line, lists as repeated lines. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from gpuws.link.resolve.policy import AUTHORITY_SIGNATURES, Policy

Strict = Literal["ask", "yes", "accept-new"]
KERBEROS = "gssapi-with-mic"  # as servers call the method
NULL_FILES = ("/dev/null", "none")
_NEXT_FILE = re.compile(r" +(?=/|~|%d|\$\{|none(?: |\Z)|\./|\.\./)")

_SWITCHES = {
    "publickey": "pubkeyauthentication",
    "keyboard-interactive": "kbdinteractiveauthentication",
    "password": "passwordauthentication",
}


@dataclass(frozen=True, slots=True)
class Demands:
    """What somebody wrote down that only the system's ssh does.

    `kerberos`, `host_based`: such a login is wanted; `kerberos_allowed`: it may be tried, as many distributions have it
    for everybody."""

    kerberos: bool = False
    kerberos_allowed: bool = False
    host_based: bool = False
    token: bool = False
    keys_by_command: bool = False
    passes_descriptor: bool = False


@dataclass(frozen=True, slots=True)
class SshOptions:
    """Keys are lower case; "none" reads as absent."""

    lines: Mapping[str, tuple[str, ...]]

    def one(self, key: str, default: str = "") -> str:
        value = self.lines.get(key, ("",))[0]
        return default if value.lower() in ("", "none") else value

    def many(self, key: str) -> tuple[str, ...]:
        return tuple(value for value in self.lines.get(key, ()) if value.lower() != "none")

    def number(self, key: str, default: int) -> int:
        value = self.one(key)
        return int(value) if value.isascii() and value.isdigit() else default

    def switch(self, key: str, default: bool) -> bool:
        return self.one(key, "yes" if default else "no") in ("yes", "true")

    def files(self, key: str, default: str) -> tuple[str, ...]:
        """Several on one line, which ssh prints without quotes: a blank parts two where what follows begins as a path
        does. A null file is none."""
        written = self.lines.get(key, (default,))[0]
        return tuple(name for name in _NEXT_FILE.split(written) if name and name not in NULL_FILES)

    def algorithms(self, *keys: str) -> tuple[str, ...]:
        """A list with commas under the first of `keys` that stands there: options have older names, too."""
        written = next((self.one(key) for key in keys if key in self.lines), "")
        return tuple(filter(None, written.split(",")))

    @property
    def policy(self) -> Policy:
        """Paths in it are as they are written."""
        return Policy(
            ciphers=self.algorithms("ciphers"),
            macs=self.algorithms("macs"),
            key_exchanges=self.algorithms("kexalgorithms"),
            host_keys=self.algorithms("hostkeyalgorithms"),
            user_keys=self.algorithms("pubkeyacceptedalgorithms", "pubkeyacceptedkeytypes"),
            authority_signatures=self.algorithms("casignaturealgorithms") or AUTHORITY_SIGNATURES,
            rsa_size=self.number("requiredrsasize", 1024),
            revoked_files=self.many("revokedhostkeys"),
            silent=self.switch("batchmode", False),
        )

    @property
    def strict(self) -> Strict:
        """`no` means "ask" here: a host key is never taken unseen."""
        value = self.one("stricthostkeychecking", "ask")
        if value in ("yes", "true"):
            return "yes"
        return "accept-new" if value == "accept-new" else "ask"

    @property
    def methods(self) -> tuple[str, ...]:
        """Ways to log in, in ssh's order; host-based and GSSAPI logins are not done here. BatchMode leaves keys."""
        if self.switch("batchmode", False):
            return ("publickey",) if self.switch("pubkeyauthentication", True) else ()
        order = self.one("preferredauthentications", ",".join(_SWITCHES)).split(",")
        return tuple(method for method in order if method in _SWITCHES and self.switch(_SWITCHES[method], True))

    @property
    def demands(self) -> Demands:
        """GSSAPIAuthentication is on for everybody on Debian: it is wanted where keys are switched off, or where
        PreferredAuthentications names it before them."""
        preferred = self.one("preferredauthentications").split(",") if self.one("preferredauthentications") else []
        allowed = self.switch("gssapiauthentication", False) and (not preferred or KERBEROS in preferred)
        without_keys = not preferred and not self.switch("pubkeyauthentication", True)
        return Demands(
            kerberos=allowed and (without_keys or _before(preferred, KERBEROS, "publickey")),
            kerberos_allowed=allowed,
            host_based=self.switch("hostbasedauthentication", False) and (not preferred or "hostbased" in preferred),
            token=bool(self.one("pkcs11provider")),
            keys_by_command=bool(self.one("knownhostscommand")),
            passes_descriptor=self.switch("proxyusefdpass", False),
        )

    def environment(self, here: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """SendEnv's variables as they are `here`, and SetEnv's."""
        patterns = [pattern for line in self.many("sendenv") for pattern in line.split()]
        sent = {name: value for name, value in here.items() if any(fnmatchcase(name, p) for p in patterns)}
        for line in self.many("setenv"):
            name, _, value = line.partition("=")
            sent[name] = value
        return tuple(sent.items())


def _before(order: Sequence[str], one: str, other: str) -> bool:
    return one in order and (other not in order or order.index(one) < order.index(other))


def parse(written: str) -> SshOptions:
    lines: dict[str, list[str]] = {}
    for line in written.splitlines():
        key, _, value = line.strip().partition(" ")
        lines.setdefault(key.lower(), []).append(value.strip())
    return SshOptions({key: tuple(values) for key, values in lines.items()})
