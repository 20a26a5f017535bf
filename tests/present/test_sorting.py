"""Rows by a column: what comes before what."""

import pytest

from gpuws.present.line import one
from gpuws.present.tables.base import Column, Table, TableRow
from gpuws.present.tables.sorting import Sort, by_column, figure, word

COLUMNS = (Column("NAME", 10), Column("MEMORY", 6, True))


def table(*rows):
    return Table(COLUMNS, tuple(
        TableRow(name, (one(name), one(memory)), level=level, sum=name == "total") for name, memory, level in rows
    ))  # fmt: skip


def names(found, sort):
    return [row.key for row in by_column(found, sort)]


@pytest.mark.parametrize(
    "rising",
    [
        ["12s", "24m", "3h12", "21h30", "3d"],
        ["0", "812M", "9.5G", "74/80G", "1.5T"],
        ["0%", "9%", "100%"],
        ["372 W", "4.1 kW"],
        ["", "…", "3"][1:],
    ],
)
def test_figures_are_compared_by_what_they_say(rising):
    ranks = [figure(one(text)) for text in rising]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)


def test_words_are_compared_as_people_do():
    assert sorted(["gpu10", "GPU2", "alice"], key=lambda text: word(one(text))) == ["alice", "GPU2", "gpu10"]
    assert [word(one("–")), figure(one("")), figure(one("–")), figure(one("–/64G"))] == [None] * 4


def test_figures_begin_with_the_highest_words_with_the_first_and_unknown_is_last_either_way():
    found = table(("b", "2G", 0), ("a", "–", 0), ("c", "900M", 0))
    assert names(found, Sort("NAME")) == ["a", "b", "c"]
    assert names(found, Sort("NAME", reverse=True)) == ["c", "b", "a"]
    assert names(found, Sort("MEMORY")) == ["b", "c", "a"]
    assert names(found, Sort("MEMORY", reverse=True)) == ["c", "b", "a"]
    assert names(found, Sort()) == names(found, Sort("NO SUCH")) == ["b", "a", "c"]


def test_rows_stay_under_theirs_and_sums_stay_last():
    found = table(("bob", "9G", 0), ("b-1", "4G", 1), ("b-2", "5G", 1), ("amy", "1G", 0), ("a-1", "1G", 1),
                  ("total", "10G", 0))  # fmt: skip
    assert names(found, Sort("NAME")) == ["amy", "a-1", "bob", "b-1", "b-2", "total"]
    assert names(found, Sort("MEMORY")) == ["bob", "b-2", "b-1", "amy", "a-1", "total"]
    assert names(found, Sort("MEMORY", reverse=True)) == ["amy", "a-1", "bob", "b-1", "b-2", "total"]


def test_a_column_chosen_again_turns_round_and_beside_the_last_rows_are_as_they_come():
    sort = Sort().by("NAME")
    assert sort == Sort("NAME")
    assert sort.by("NAME") == Sort("NAME", reverse=True)
    assert sort.by("NAME").by("NAME") == Sort("NAME")
    assert sort.by("NAME").by("MEMORY") == Sort("MEMORY")
    walk = [Sort()]
    for _ in range(3):
        walk.append(walk[-1].beside(("NAME", "MEMORY"), 1))
    assert [each.column for each in walk] == ["", "NAME", "MEMORY", ""]
    assert Sort("gone").beside(("NAME",), -1) == Sort("NAME")
