"""The page of keys in the documentation, from the keys themselves: `python -m scripts.keys` writes it."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from gpuws.tui.app import GpuwsApp
from gpuws.tui.every_key import every_key

PAGE = Path(__file__).parent.parent / "docs" / "keys.md"
INTRODUCTION = """# Keys

`?` shows the keys that work where you are. What each does with the selection, and the same as a plain command, is under
`x`. The last column is the id by which `keys:` of `config.yaml` gives it other keys: `keys: {launch: "n,L"}`.
This page is written by `python -m scripts.keys`.
"""


def page() -> str:
    """All keys, those of one place under its words."""
    parts = [INTRODUCTION]
    for about, found in groupby(every_key(GpuwsApp), key=lambda each: each[0]):
        rows = [f"| {_keys(command.keys)} | {_cell(command.help)} | `{command.id}` |" for _, command in found]
        parts.append("\n".join([f"## {about.capitalize()}\n", "| key | does | id |", "|---|---|---|", *rows, ""]))
    return "\n".join(parts)


def _keys(keys: str) -> str:
    return " ".join(f"`{key}`" for key in keys.split(","))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
