"""A report in each of its forms."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser

import pytest

from gpuws.model.history.report import Gap, gaps, report
from gpuws.model.history.usage import FREE, STEP, Amounts, GpuFacts, GpuKey, Holding, Record, Rest, Use, Watched
from gpuws.present.documents.base import printed
from gpuws.present.documents.report import report as document
from gpuws.present.line import text_of
from gpuws.present.report.page import page
from gpuws.present.report.table import comma_separated, markdown, table

BEGIN = 1_770_000_000.0 // STEP * STEP
FIRST = int(BEGIN // STEP)
END = BEGIN + 8 * STEP
ALPHA, BRAVO = GpuKey("alpha", "GPU-a"), GpuKey("bravo", "GPU-b")
ME = Holding("person", "alice", True, "torch")
BOB = Holding("person", "bob", False, "=cmd|x")
CAROL = Holding("person", "carol")
HOUR = Amounts(900, 700, 100, 900, 72_000, 900, 360_000)


def record(*more, gpus=(ALPHA, BRAVO), watched=()):
    uses = (
        Use(FIRST, ALPHA, ME, HOUR),
        Use(FIRST + 1, ALPHA, ME, HOUR),
        Use(FIRST, BRAVO, BOB, HOUR),
        Use(FIRST + 2, BRAVO, CAROL, HOUR),
        Use(FIRST + 2, ALPHA, FREE, Amounts(900, measured=900)),
        *more,
    )
    facts = {ALPHA: GpuFacts(3, "NVIDIA H200"), BRAVO: GpuFacts(0, "NVIDIA L40S")}
    rests = (Rest(BRAVO, BOB, BEGIN, BEGIN + 3600, "kernel's last activity"),)
    return Record(uses, watched or (Watched("alpha", BEGIN, END), Watched("bravo", BEGIN, BEGIN + 3600)), rests, facts)


def made(by="user", names=False, hosts=(), what=None):
    return report(what or record(), BEGIN, END, by, names=names, hosts=hosts)


def labels(found):
    return [text_of(row.cells[0]) for row in table(found).rows]


def test_others_are_named_only_where_that_is_asked():
    assert labels(made()) == ["me", "2 others", "all"]
    assert labels(made(names=True)) == ["me", "bob", "carol", "all"]
    for form in (markdown, comma_separated, lambda one: page(one, END), lambda one: printed(document(one))):
        assert "bob" not in form(made())
        assert "carol" not in form(made())
        assert "bob" in form(made(names=True))


def test_sums_are_what_there_was():
    found = made()
    assert sum(row.held.seconds for row in found.rows) == found.all.seconds == 3600
    assert (found.free, found.watched, found.possible) == (900, 4500, 2 * 8 * 900)
    assert sum(row.watched for row in made("host").rows) == found.watched
    assert [(row.whose.name, row.held.seconds) for row in made("profile").rows] == [
        ("torch", 1800),
        ("", 900),
        ("=cmd|x", 900),
    ]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("host", ["alpha", "bravo", "all"]),
        ("gpu", ["alpha/3", "bravo/0", "all"]),
        ("profile", ["torch", "no profile", "=cmd|x", "all"]),
    ],
)
def test_rows_by(by, expected):
    assert labels(made(by)) == expected


def test_one_host_alone():
    found = made(hosts=("bravo",))
    assert (found.hosts, labels(found), found.all.seconds) == (("bravo",), ["2 others", "all"], 1800)


@pytest.mark.parametrize(
    ("watched", "expected"),
    [
        ([(0, 7200)], []),
        ([], [(0, 7200)]),
        ([(0, 3000), (3059, 7200)], []),
        ([(0, 3000), (3060, 7200)], [(3000, 3060)]),
        ([(100, 3000), (2000, 5000)], [(0, 100), (5000, 7200)]),
        ([(3000, 7200), (0, 600)], [(600, 3000)]),
        ([(-900, 600), (7150, 9000)], [(600, 7150)]),
        ([(-900, -100)], [(0, 7200)]),
    ],
)
def test_gaps_are_told_to_the_minute(watched, expected):
    found = gaps([Watched("alpha", *span) for span in watched], "alpha", 0, 7200)
    assert found == [Gap("alpha", *span) for span in expected]


def test_a_rest_counts_as_far_as_it_lies_between():
    month = Rest(ALPHA, ME, BEGIN - 30 * 86400, END + 900, "worked until")
    found = report(Record(record().uses, (), (month,), record().gpus), BEGIN, END, "user")
    assert [(one.rest.since, one.rest.until) for one in found.rests] == [(BEGIN, END)]


def test_a_spreadsheet_runs_nothing():
    rows = list(csv.reader(io.StringIO(comma_separated(made("profile")))))
    assert rows[0] == [
        "profile",
        "gpu_hours_held",
        "gpu_hours_used",
        "gpu_hours_idle",
        "utilization_percent",
        "energy_kwh",
    ]
    assert rows[1] == ["torch", "0.5", "0.389", "0.056", "80.0", "0.2"]
    assert rows[3][0] == "'=cmd|x"


def test_energy_that_is_known_in_part_is_told_so():
    part = Use(FIRST + 3, ALPHA, ME, Amounts(900))
    assert [text_of(row.cells[6]) for row in table(made(what=record(part))).rows] == ["≥0.2", "0.2", "≥0.4"]
    nothing = Record((Use(FIRST, ALPHA, ME, Amounts(900)),), (), (), record().gpus)
    assert [text_of(row.cells[6]) for row in table(made(what=nothing)).rows] == ["–", "–"]
    assert document(made(what=nothing))["energy_joules"] is None


def test_what_hosts_say_of_themselves_is_data():
    """Neither a page nor a table is steered by a name."""
    evil = GpuKey('<script>alert("x")</script>|`', "GPU-\x1b[31m")
    use = Use(FIRST, evil, Holding("person", "<b>|bob", False, "&lt;"), HOUR)
    told = Record(
        (use,),
        (Watched(evil.host, BEGIN, BEGIN + 900),),
        (Rest(evil, use.holding, BEGIN, END, "<i>"),),
        {evil: GpuFacts(0, "x")},
    )
    for by in ("user", "host", "profile", "gpu"):
        found = made(by, True, what=told)
        text = page(found, END)
        assert "<script" not in text
        assert "<b>|" not in text
        assert "<i>" not in re.sub(r'<i class="\w+"( style="[^"]*")?></i>', "", text)
        assert "<script" not in markdown(found)
        assert "\x1b" not in text + markdown(found) + comma_separated(found)


class Page(HTMLParser):
    """Counts what would load or run something."""

    def __init__(self):
        super().__init__()
        self.loads, self.open = [], []

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        if tag in ("script", "link", "img", "iframe", "object", "image", "use") or {"src", "href", "onload"} & set(
            names
        ):
            self.loads.append((tag, attrs))
        if tag not in ("meta", "rect", "line", "path"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in self.open:
            assert self.open.pop() == tag


def test_the_page_loads_and_runs_nothing():
    found = Page()
    found.feed(page(made(), END))
    assert (found.loads, found.open) == ([], [])


def test_without_anything_each_form_says_so():
    empty = report(Record(), BEGIN, END, "user")
    assert "nothing was watched" in page(empty, END)
    assert document(empty)["rows"] == []
    assert comma_separated(empty).count("\n") == 1
    assert json.loads(printed(document(empty)))["gpus"] == 0
