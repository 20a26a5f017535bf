"""The pages of the documentation, taken apart: headings, links, blocks of code, code within a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "tests/lab/README.md",
)
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")
SPAN = re.compile(r"(?<![`\\])`([^`\n]+)`(?!`)")


@dataclass(frozen=True, slots=True)
class Block:
    """`language`: the word behind the fence, "" without one. `line`: of its first line in the page, from 1."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@cache
def text(page: Path) -> str:
    return page.read_text("utf-8")


def prose(page: Path) -> str:
    """Without blocks of code."""
    return FENCE.sub("", text(page))


def blocks(page: Path) -> Iterator[Block]:
    for found in FENCE.finditer(text(page)):
        line = text(page).count("\n", 0, found.start()) + 2
        indent = found[1]
        yield Block(page, line, found[2], "".join(one.removeprefix(indent) for one in found[3].splitlines(True)))


def links(page: Path) -> list[str]:
    """Targets of links and pictures, without what stands in code."""
    return LINK.findall(SPAN.sub("", prose(page)))


def spans(page: Path) -> list[str]:
    """Code within a line."""
    return [one.replace("\\|", "|") for one in SPAN.findall(prose(page))]


def anchors(page: Path) -> set[str]:
    """What `#…` may name there: GitHub's word for each heading, a number behind one that comes again."""
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6} (.+)$", prose(page), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.strip().lower()).replace(" ", "-")
        number = 0
        while (named := f"{slug}-{number}" if number else slug) in found:
            number += 1
        found.add(named)
    return found
