"""What the user said in options that many commands share."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Options:
    """`timeout` in seconds; None: the command's own."""

    config_dir: str | None = None
    readonly: bool = False
    host: list[str] = field(default_factory=list)
    tag: list[str] = field(default_factory=list)
    timeout: float | None = None
    json: bool = False
    allow_partial: bool = False
    dry_run: bool = False
    yes: bool = False
    yes_not_mine: str | None = None
