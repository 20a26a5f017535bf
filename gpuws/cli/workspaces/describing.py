"""describe: containers in full, as the screen's page says it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gpuws.cli.listings.usage import measured
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import container_of, find_all, hosts_of, parse_all
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.cli.toolkit.tables import Style, coloured, harmless, style
from gpuws.model.host.naming import labelled
from gpuws.model.query.target import Found
from gpuws.present.line import Line, Span, clean
from gpuws.present.workspace_facts import Section, Subject, sections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gpuws.fleet.base import Fleet
    from gpuws.model.workspace.usage import Usage
    from gpuws.model.workspace.workspace import Ref

NEEDS = frozenset({"telemetry"})
LABEL = 12


def describe(options: Options, words: Sequence[str]) -> int:
    setup = set_up(options)
    targets = parse_all(words, setup.names())
    with open_fleet(setup, hosts_of(setup, *targets)) as fleet:
        found = find_all(fleet, targets, options.timeout, NEEDS)
        told = [(one.snapshot, container_of(one)) for one in found]
        usage = measured(fleet, [one.ref for snapshot, one in told if not snapshot.caps_of(one).inspection])
        for number, one in enumerate(found):
            lines = [*([()] if number else []), *_lines(_subject(fleet, one, usage))]
            sys.stdout.write("".join(f"{_shown(line, style())}\n" for line in lines))
        return 0


def _subject(fleet: Fleet, one: Found, usage: Mapping[Ref, Usage]) -> Subject:
    container = container_of(one)
    why = one.snapshot.caps_of(container).inspection
    details = None if why else fleet.details(container.ref)
    now = time.time()
    return Subject(container, one.snapshot, now, details, why, usage.get(container.ref), fleet.tunnels())


def _lines(it: Subject) -> Iterator[Line]:
    yield (Span(labelled(clean(it.snapshot.name), clean(it.workspace.name)), "strong"),)
    for section in sections(it):
        yield from _section(section)


def _section(section: Section) -> Iterator[Line]:
    yield ()
    yield (Span(section.title, "head"),)
    for fact in section.facts:
        yield (Span(f"  {fact.name:<{LABEL}}  "), *fact.said) if fact.name else (Span("  "), *fact.said)


def _shown(line: Line, how: Style) -> str:
    return coloured(harmless(line), how)
