"""A report as one HTML page: no script, nothing from elsewhere, so that it may be sent, printed and kept. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from gpuws.model import units
from gpuws.model.history.report import Report, Row
from gpuws.present.report import plots, words
from gpuws.present.report.style import STYLE
from gpuws.present.report.table import gap_lines

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser holds the page to."""


def page(report: Report, now: float) -> str:
    """`now`: when it is made, epoch seconds."""
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">',
        f"<title>GPU use, {escape(words.headline(report))}</title><style>{STYLE}</style></head><body><main>",
        f"<header><h1>GPU use</h1><p>{escape(words.headline(report))}</p></header>",
    ]
    parts += _content(report) if report.gpus else [f"<p>{escape(words.EMPTY)}: {escape(words.BEGIN)}.</p>"]
    notes = " ".join(words.NOTES)
    parts.append(f"<footer><p>{escape(notes)}</p><p>gpuws report, {escape(words.moment(now))}</p></footer>")
    return "".join([*parts, "</main></body></html>\n"])


def _content(report: Report) -> Iterable[str]:
    yield _tiles(report)
    legend = f'<div class="legend">{plots.legend(report)}</div>'
    yield f"<section><h2>All GPUs</h2>{legend}{plots.over_time(report)}</section>"
    yield _table(report)
    yield f"<section><h2>Each GPU</h2>{plots.each(report)}</section>"
    rests = [words.rest(rest, report) for rest in report.rests]
    gaps = gap_lines(report)
    yield '<div class="pair">'
    yield _lines("Longest idle", rests, "Nothing rested for half an hour or more.")
    yield _lines("Nobody watched", gaps, "It was watched without a gap.")
    yield "</div>"


def _tiles(report: Report) -> str:
    held, all_ = report.all, report.possible
    tiles = (
        ("held", f"{words.hours(held.seconds)} h", f"{words.share(held.seconds, report.watched)} of watched"),
        ("used", f"{words.hours(held.used)} h", f"{words.share(held.used, held.seconds)} of held"),
        ("idle", f"{words.hours(held.idle)} h", f"{words.share(held.idle, held.seconds)} of held"),
        ("energy", f"{words.energy(held)} kWh" if held.metered else units.DASH, f"mean load {words.load(held)}"),
        ("watched", words.share(report.watched, all_), f"{len(report.gpus)} GPUs, {len(report.hosts)} hosts"),
    )
    return (
        '<div class="tiles">'
        + "".join(
            f'<div class="tile {name}"><small>{name}</small><b>{escape(figure)}</b><span>{escape(more)}</span></div>'
            for name, figure, more in tiles
        )
        + "</div>"
    )


def _table(report: Report) -> str:
    heads = (words.TITLES[report.by].capitalize(), "Held", "Share", "Used", "Idle", "Load", "Energy", "")
    longest = max((row.held.seconds for row in report.rows), default=0.0)
    body = "".join(_row(row, report, longest) for row in report.rows)
    titles = "".join(f"<th>{head}</th>" for head in heads)
    caption = {"user": "Who", "host": "Hosts", "profile": "Profiles", "gpu": "GPUs"}[report.by]
    return f"<section><h2>{caption}</h2><table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></section>"


def _row(row: Row, report: Report, longest: float) -> str:
    held = row.held
    energy = words.energy(held)
    cells = (
        f"{words.hours(held.seconds)} h",
        words.share(held.seconds, words.of(row, report)),
        words.share(held.used, held.seconds),
        words.share(held.idle, held.seconds),
        words.load(held),
        energy if energy == units.DASH else f"{energy} kWh",
    )
    mine = ' class="mine"' if row.whose.kind == "me" else ""
    figures = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f"<tr{mine}><th>{escape(words.name(row.whose, report))}</th>{figures}<td>{_bar(row, longest)}</td></tr>"


def _bar(row: Row, longest: float) -> str:
    held = row.held
    kept = max(held.seconds - held.used - held.idle, 0.0)
    parts = (("worked", held.used), ("kept", kept), ("rested", held.idle))
    shapes = "".join(
        f'<i class="{name}" style="width:{100 * seconds / longest:.2f}%"></i>'
        for name, seconds in parts
        if longest > 0 and seconds > 0
    )
    return f'<div class="bar">{shapes}</div>'


def _lines(title: str, lines: Iterable[str], nothing: str) -> str:
    found = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<section><h2>{title}</h2>{f'<ul>{found}</ul>' if found else f'<p>{nothing}</p>'}</section>"
