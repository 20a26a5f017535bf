"""What looks like a secret, by its name or by what it holds, and texts without it. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LABEL = "gpuws.hidden"
"""On a container: the names of variables whose values came from an `env_file` or from its owner's environment."""
HIDDEN = "***"
VARIABLES = "Env"
"""Where an engine lists variables: their names may be any."""

_NAME = re.compile(
    r"KEY|TOKEN(?!IZER)|SECRET|PASS|PWD|CREDENTIAL|AUTH|PRIVATE|COOKIE|WEBHOOK|(?:^|_)(?:PAT|DSN)$", re.IGNORECASE
)
_VALUE = re.compile(
    r"(?<![A-Za-z0-9])(?:hf_|sk-|[rs]k_(?:live|test)_|gh[pousr]_|github_pat_|gl(?:pat|rt|dt|ptt)-|nvapi-|dckr_pat_"
    r"|xox[abprs]-|AKIA|ASIA|eyJ|AIza|npm_|pypi-)[A-Za-z0-9_.-]{12,}"
    r"|(?<=://)(?:[^/\s:@]*:[^/\s]+|[^/\s:@]{20,})(?=@)"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY(?:(?!-----END).)*(?:-----END[A-Z ]*-*)?",
    re.DOTALL,
)
"""What tokens of well-known services begin with; a name and a password in a URL, or a token for both; a private key."""

_NAMED = (
    r"[\w.-]*(?:token|secret|passw(?:or)?d|passphrase|sshpass|\w[_-](?:pass|pwd)|signature"
    r"|(?:api|access|private|auth|license)[_-]?key)"
)
_QUOTED = r"'[^']*'|\"[^\"]*\""
_VALUE_OF = r"(?!\*\*\*|[\"']?\$(?:\(|\{?[A-Z_][A-Z0-9_]*\}?(?:[\"'\s]|\Z)))"
"""Not of what says where the value is: a variable, the output of a program; nor of what is hidden already."""
_GIVEN = re.compile(
    rf"(?P<said>(?<![\w.-]){_NAMED}(?:=|[\"']\s*:\s*|:\s+)|\bauthorization\b[\"']?\s*[:=]\s*(?:\w+\s+)?+"
    rf"|\bbearer\s+)"
    rf"{_VALUE_OF}(?:[^\s&'\"]+|{_QUOTED})|(?P<option>(?<!\S)--?{_NAMED}\s+){_VALUE_OF}(?:{_QUOTED}|[^\s-]\S*)",
    re.IGNORECASE,
)
"""`token=…`, `"token": …` and an HTTP header's wherever they stand, `--api-key …`. Narrower than `_NAME`: a command
line is full of keys and tokens."""
_IN_ADDRESS = re.compile(rb"([?&]token=)(?!\*\*\*|\.\.\.)[\w.~%-]+")
_OPTION = re.compile(rf"--?{_NAMED}\Z", re.IGNORECASE)


def is_secret(name: str, value: str) -> bool:
    """When in doubt yes: a profile is a file that people share."""
    return bool(_NAME.search(name)) or masked(value) != value


def secret_names(labels: Mapping[str, str]) -> frozenset[str]:
    """The names of variables that a container's labels call secret."""
    return frozenset(filter(None, labels.get(LABEL, "").split(",")))


def named_by(inspected: Mapping[str, Any]) -> frozenset[str]:
    """The same of what an engine answered to `inspect`, whatever its shape."""
    config = inspected.get("Config")
    labels = config.get("Labels") if isinstance(config, dict) else None
    return secret_names({LABEL: str(labels.get(LABEL) or "")}) if isinstance(labels, dict) else frozenset()


def masked(text: str) -> str:
    """A command line, or a line of a log, with `***` for what looks like a secret in it."""
    return _VALUE.sub(HIDDEN, _GIVEN.sub(_without_value, text))


def without_tokens(data: bytes) -> bytes:
    """A log's bytes with `***` for the token in the address of a notebook server, which it prints when it starts."""
    return _IN_ADDRESS.sub(rb"\1" + HIDDEN.encode(), data) if b"token=" in data else data


def _without_value(match: re.Match[str]) -> str:
    return f"{match['said'] or match['option']}{HIDDEN}"


def masked_words(words: Sequence[str]) -> tuple[str, ...]:
    """A command's words, with `***` for what looks like a secret among them."""
    return tuple(Hiding().of(list(words)))


@dataclass(slots=True)
class Hiding:
    """Data of an engine (as from JSON) with `***` for secrets. `names`: of variables that are secret whatever they
    look like; `shown`: what is not to be hidden; `hidden` gathers, in order, what was: a variable, a key, an option."""

    names: Collection[str] = ()
    shown: Collection[str] = ()
    hidden: list[str] = field(default_factory=list)

    def of(self, value: Any, key: str = "") -> Any:
        match value:
            case dict():
                return {str(name): self.of(inner, str(name)) for name, inner in value.items()}
            case list():
                return list(self._words(value, key))
            case str():
                return self._text(value, key, secret=bool(_NAME.search(key)))
        return value

    def _words(self, words: Sequence[Any], key: str) -> Iterator[Any]:
        """Variables as NAME=VALUE, words of a command line, or anything else."""
        option = ""
        for word in words:
            name, equals, value = word.partition("=") if isinstance(word, str) else ("", "", "")
            if not isinstance(word, str):
                yield self.of(word, key)
            elif option:
                yield self._text(word, option, secret=True)
            elif equals and (key == VARIABLES or name.isidentifier()):
                yield f"{name}={self._text(value, name, secret=name in self.names or is_secret(name, value))}"
            else:
                yield self._text(word, key, secret=False)
            option = word if isinstance(word, str) and _OPTION.match(word) else ""

    def _text(self, text: str, name: str, *, secret: bool) -> str:
        shown = HIDDEN if secret and text else masked(text)
        if shown == text or name in self.shown:
            return text
        if name not in self.hidden:
            self.hidden.append(name)
        return shown
