"""Going back through what was typed before, as a shell does. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Past:
    """`texts`: newest first. `at`: which one is shown, -1: what is being typed, which `draft` keeps meanwhile."""

    texts: tuple[str, ...] = ()
    at: int = -1
    draft: str = ""

    @property
    def browsing(self) -> bool:
        return self.at >= 0

    def older(self, shown: str) -> tuple[Past, str]:
        """One step back, from what is shown; the oldest stays. What reads the same is passed over."""
        draft = self.draft if self.browsing else shown
        index = next((n for n in range(self.at + 1, len(self.texts)) if self.texts[n] != shown), None)
        return (self, shown) if index is None else (replace(self, at=index, draft=draft), self.texts[index])

    def newer(self) -> tuple[Past, str]:
        """One step on; after the newest, what was being typed."""
        index = self.at - 1
        return replace(self, at=max(index, -1)), self.texts[index] if index >= 0 else self.draft


def kept(texts: tuple[str, ...], text: str) -> tuple[str, ...]:
    """With `text` as the newest, and only there."""
    return (text, *(one for one in texts if one != text)) if text else texts
