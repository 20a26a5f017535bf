"""Man pages from the commands' own words: `python -m scripts.man FOLDER` writes `gpuws.1` and `gpuws-COMMAND.1`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gpuws import __version__
from gpuws.cli.root import NOTES
from scripts.grammar import Page, grammar, sections

EXIT = (
    ("0", "done"), ("1", "the action failed"), ("2", "usage or configuration"),
    ("3", "a host could not be reached, or refused"), ("4", "no such target, or more than one"),
    ("5", "refused: a check, read-only, not confirmed"), ("130", "interrupted"),
    ("255", "of attach, shell, exec and with: gpuws' own failure; every other is the program's"),
)  # fmt: skip


ENVIRONMENT = (
    ("GPUWS_CONFIG_DIR", "The directory of the configuration, instead of the one below."),
    ("GPUWS_DEMO=1", "Everything runs on a simulated fleet and touches nothing."),
    ("GPUWS_KEEPER=0", "No process stays in the background: links and tunnels end with the command."),
    ("NO_COLOR", "No colours."),
)
FILES = (
    ("~/.config/gpuws/config.yaml", "My names, the screen, thresholds, shared files."),
    ("~/.config/gpuws/hosts.yaml", "The hosts: gpuws hosts writes it."),
    ("~/.config/gpuws/profiles/", "My profiles, one a file."),
    ("~/.local/state/gpuws/", "Logs, and what was seen last. gpuws paths prints all of them."),
)


def write(folder: Path, version: str) -> list[Path]:
    """The files written."""
    folder.mkdir(parents=True, exist_ok=True)
    found = pages(version)
    for name, text in found.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in found]


def pages(version: str) -> Mapping[str, str]:
    """File → its text: one for gpuws, one for each command with what it groups."""
    root = grammar()
    top = {each.words[1]: each for each in root.subcommands}
    found = {"gpuws": [*_head("gpuws", root, version), *_overview(root, top)]}
    found |= {f"gpuws-{name}": [*_head(f"gpuws-{name}", page, version), *_command(page)] for name, page in top.items()}
    return {f"{name}.1": "".join(f"{line}\n" for line in lines) for name, lines in found.items()}


def _overview(root: Page, top: Mapping[str, Page]) -> Iterator[str]:
    yield ".SH DESCRIPTION"
    for sentence in NOTES:
        yield from (".PP", _text(sentence))
    yield from _pairs("OPTIONS", root.options)
    for title, names in sections().items():
        yield from _pairs(title.upper(), [(f"gpuws-{name}(1)", top[name].summary) for name in names])
    yield from _pairs("EXIT STATUS", EXIT)
    yield from _pairs("ENVIRONMENT", ENVIRONMENT)
    yield from _pairs("FILES", FILES)
    yield from _examples(root)


def _command(page: Page) -> Iterator[str]:
    yield ".SH DESCRIPTION"
    for paragraph in page.about:
        yield from (".PP", _text(paragraph))
    yield from _pairs("ARGUMENTS", page.arguments)
    yield from _pairs("OPTIONS", page.options)
    for each in page.subcommands:
        yield f".SH {_quoted(each.name.upper())}"
        yield _text(each.usage)
        for paragraph in each.about:
            yield from (".PP", _text(paragraph))
        yield from _rows([*each.arguments, *each.options])
        yield from _block(each.examples)
    yield from _examples(page)
    yield from (".SH SEE ALSO", ".BR gpuws (1)")


def _head(name: str, page: Page, version: str) -> Iterator[str]:
    yield f".TH {_quoted(name.upper())} 1 {_quoted('')} {_quoted(f'gpuws {version}')} {_quoted('gpuws')}"
    yield from (".SH NAME", f"{_text(name)} \\- {_text(page.summary.rstrip('.'))}")
    yield from (".SH SYNOPSIS", f".B {_text(page.usage)}")


def _pairs(title: str, rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    if rows:
        yield f".SH {_quoted(title)}"
        yield from _rows(rows)


def _rows(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    for term, text in rows:
        yield from (".TP", f".B {_text(term)}", _text(text))


def _examples(page: Page) -> Iterator[str]:
    yield ".SH EXAMPLES"
    yield from _block(page.examples)


def _block(lines: Sequence[str]) -> Iterator[str]:
    """As they are typed."""
    yield from (".PP", ".EX", *map(_text, lines), ".EE")


def _text(text: str) -> str:
    """One line that roff takes for nothing but text."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    escaped = "".join(each if each.isascii() else f"\\[u{ord(each):04X}]" for each in escaped)
    return f"\\&{escaped}" if escaped.startswith((".", "\\(aq")) else escaped


def _quoted(text: str) -> str:
    """An argument of a macro."""
    return f'"{_text(text)}"'


if __name__ == "__main__":
    write(Path(sys.argv[1]), __version__)
