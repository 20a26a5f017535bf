"""What was read of a recipe that others wrote: a `docker run` line, a Compose file, a devcontainer.json."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lost:
    """What a profile can't say, or what is not done as it stands there. `what`: as it was written, without secrets.
    `line`: of the text, from 1; 0: of the whole. `instead`: what to write or do; "": nothing."""

    what: str
    line: int
    why: str
    instead: str = ""

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        return f"{where}{self.what}: {self.why}{f' — {self.instead}' if self.instead else ''}"


@dataclass(frozen=True, slots=True)
class Imported:
    """`name`: what it could be called. `text`: the profile, as YAML without secrets; it is right, or `lost` says what
    must be written first. `container`: the name it gives its container, None where it gives none."""

    name: str
    text: str
    lost: tuple[Lost, ...] = ()
    container: str | None = None
