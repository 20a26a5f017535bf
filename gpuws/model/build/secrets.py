"""What of a Dockerfile and of build arguments looks like a secret: whoever has the image can read it there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

from gpuws.model.build.dockerfile import Instruction
from gpuws.model.placement.plan import Check
from gpuws.model.secret import is_secret, masked
from gpuws.model.text import plain

ROW = "secrets"
READ = "whoever has the image reads it in docker history"
INSTEAD = (
    "give it when it runs, environment: {{{name}: null}}; for a download use it in an earlier stage, COPY --from that"
)
_PLAIN = re.compile(r"(?:true|false|yes|no|none|on|off|[\d.]*|[/~.][^\s:@]*|https?://[^\s@]*|\$.*)\Z", re.IGNORECASE)
"""A switch, a number, a path, an address, a variable: no secret, whatever it is called."""
_FILES = re.compile(
    r"(?:^|/)(?:\.env(?:\..*)?|\.netrc|\.pypirc|\.git-credentials|\.aws|\.ssh|id_(?:rsa|dsa|ecdsa|ed25519)"
    r"|kaggle\.json|credentials(?:\.json)?|.*\.(?:pem|p12|pfx|key))/?\Z",
    re.IGNORECASE,
)
"""Files that hold keys and passwords, by their usual names."""


def checks(instructions: Sequence[Instruction], args: Mapping[str, str]) -> Iterator[Check]:
    """A row a line. Values are never said."""
    declared = {one.words.partition("=")[0] for one in instructions if one.word == "ARG"}
    for name, value in args.items():
        if name in declared and _tells(name, value):
            yield _row(f"the build argument {name}", name, f"{READ}, beside each RUN behind its ARG")
    for one in instructions:
        if one.word in ("ENV", "ARG", "LABEL"):
            yield from _values(one, args)
        elif one.word in ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK") and masked(one.rest) != one.rest:
            yield _row(f"line {one.line}: what looks like a secret in {one.word}", "NAME", READ)
        elif one.word in ("COPY", "ADD") and "from" not in one.flags:
            for word in (word for word in one.words.split()[:-1] if _FILES.search(word.strip("[]\"',"))):
                yield _row(f"line {one.line}: {one.word} {plain(word, 100)}", "NAME", "it lies in the image")


def _values(one: Instruction, args: Mapping[str, str]) -> Iterator[Check]:
    """An argument that is given has its row already."""
    for name, value in _pairs(one):
        if _tells(name, value) and not (one.word == "ARG" and name in args):
            yield _row(f"line {one.line}: {one.word} {plain(name, 100)}", name, READ)


def sent(paths: Sequence[str]) -> tuple[str, ...]:
    """Those of a context's files that hold keys and passwords by their names."""
    return tuple(path for path in paths if _FILES.search(path))


def _tells(name: str, value: str) -> bool:
    return is_secret(name, value) and not (_PLAIN.match(value) and masked(value) == value)


def _pairs(one: Instruction) -> Iterator[tuple[str, str]]:
    """`NAME=VALUE …`, or the old form `NAME VALUE`."""
    first, _, rest = one.words.partition(" ")
    if "=" not in first:
        yield first, rest.strip()
        return
    try:
        words = shlex.split(one.words)
    except ValueError:
        words = one.words.split()
    for word in words:
        name, _, value = word.partition("=")
        yield name, value


def _row(what: str, name: str, why: str) -> Check:
    return Check(ROW, "warn", f"{what}: {why}", INSTEAD.format(name=name))
