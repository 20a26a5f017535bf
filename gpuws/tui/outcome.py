"""What became of one act on several things, in one sentence. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gpuws.model.errors import GpuwsError
from gpuws.model.text import plain


@dataclass(frozen=True, slots=True)
class Outcome:
    """Names of those that it was done to, and of the others with why not."""

    done: tuple[str, ...]
    failed: tuple[tuple[str, GpuwsError], ...]

    def words(self, did: str, what: str, more: str = "") -> str:
        """`did`: as in "stopped"; `what`: of which, several; `more`: said of those it was done to. Who failed of one
        reason stands together."""
        if not self.failed:
            return f"{did} {self.done[0] if len(self.done) == 1 else f'{len(self.done)} {what}'}{more}"
        if not self.done and len(self.failed) == 1:
            return plain(str(self.failed[0][1]), 600)
        reasons: dict[str, list[str]] = {}
        for name, error in self.failed:
            reasons.setdefault(plain(str(error), 300), []).append(plain(name, 60))
        why = "; ".join(f"{', '.join(names)}: {reason}" for reason, names in reasons.items())
        return f"{did} {len(self.done)} of {len(self.done) + len(self.failed)}; {why}"
