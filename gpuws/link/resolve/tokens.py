"""The tokens that `ssh -G` leaves as they are written: %h, %r, ~, ${ENV} (ssh_config(5), TOKENS). Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from gpuws.model.errors import UsageError

_TOKEN = re.compile(r"%(.?)|\$\{([^}]*)\}")
_LETTER = re.compile(r"%(.?)")


@dataclass(frozen=True, slots=True)
class Tokens:
    """Letter → value; `environment` for `${NAME}`; `home` for `~`."""

    letters: Mapping[str, str]
    environment: Mapping[str, str]
    home: str

    def expand(self, text: str) -> str:
        """UsageError for a token or a variable that does not exist, as in ssh."""
        return _TOKEN.sub(self._value, text)

    def command(self, text: str) -> str:
        """`text` for a shell, whose own `${…}` is."""
        return _LETTER.sub(self._value, text)

    def path(self, text: str) -> str:
        expanded = self.expand(text)
        if expanded == "~" or expanded.startswith("~/"):
            return self.home + expanded[1:]
        return expanded

    def _value(self, match: re.Match[str]) -> str:
        letter, variable = match[1], match[2] if match.re is _TOKEN else None
        if letter == "%":
            return "%"
        if letter is not None and letter in self.letters:
            return self.letters[letter]
        if variable is not None and variable in self.environment:
            return self.environment[variable]
        raise UsageError(f"the SSH configuration uses {match[0]}, which has no value here")


@dataclass(frozen=True, slots=True)
class LocalUser:
    """Who connects, from where."""

    user: str
    uid: int
    home: str
    hostname: str


def tokens(
    me: LocalUser,
    environment: Mapping[str, str],
    *,
    typed: str,
    hostname: str,
    port: int,
    user: str,
    alias: str,
    jump: str,
) -> Tokens:
    short = me.hostname.split(".")[0]
    digest = hashlib.sha1(f"{me.hostname}{hostname}{port}{user}{jump}".encode(), usedforsecurity=False).hexdigest()
    letters = {
        "C": digest,
        "L": short,
        "d": me.home,
        "h": hostname,
        "i": str(me.uid),
        "j": jump,
        "k": alias or typed,
        "l": me.hostname,
        "n": typed,
        "p": str(port),
        "r": user,
        "u": me.user,
    }
    return Tokens(letters, environment, me.home)
