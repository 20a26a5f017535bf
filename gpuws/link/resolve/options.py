"""What `ssh -G` prints, read: one option a line, lists as repeated lines. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from gpuws.link.resolve.policy import AUTHORITY_SIGNATURES, Policy

Strict = Literal["ask", "yes", "accept-new"]
NULL_FILES = ("/dev/null", "none")

_SWITCHES = {
    "publickey": "pubkeyauthentication",
    "keyboard-interactive": "kbdinteractiveauthentication",
    "password": "passwordauthentication",
}


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
        """Several on one line; a null file is none."""
        return tuple(name for name in shlex.split(self.lines.get(key, (default,))[0]) if name not in NULL_FILES)

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

    def environment(self, here: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """SendEnv's variables as they are `here`, and SetEnv's."""
        patterns = [pattern for line in self.many("sendenv") for pattern in line.split()]
        sent = {name: value for name, value in here.items() if any(fnmatchcase(name, p) for p in patterns)}
        for line in self.many("setenv"):
            name, _, value = line.partition("=")
            sent[name] = value
        return tuple(sent.items())


def parse(written: str) -> SshOptions:
    lines: dict[str, list[str]] = {}
    for line in written.splitlines():
        key, _, value = line.strip().partition(" ")
        lines.setdefault(key.lower(), []).append(value.strip())
    return SshOptions({key: tuple(values) for key, values in lines.items()})
