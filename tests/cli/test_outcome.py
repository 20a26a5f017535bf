"""What became of one action on several things: lines, or one document that tells all of it, whatever happened."""

import json

import pytest

from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.outcome import Outcome
from gpuws.model.errors import GpuwsError
from gpuws.present.documents.done import Deed

DEEDS = [Deed("alpha", "a:1", "rm a"), Deed("alpha", "b:1", "rm b"), Deed("bravo", "a:1", "rm a")]


def told(capsys):
    document = json.loads(capsys.readouterr().out)
    assert document["action"] == "remove"
    return [(row["host"], row["name"], row["done"], row["error"]) for row in document["images"]]


def outcome(**options):
    return Outcome("remove", "images", DEEDS, Options(**options))


def test_each_is_a_line_as_it_is_done(capsys):
    with outcome() as found:
        found.done("alpha", "b:1", "alpha: b:1")
        assert capsys.readouterr().out == "alpha: b:1\n"
    assert capsys.readouterr().out == ""


def test_the_document_has_what_failed_and_what_was_not_tried(capsys):
    with outcome(json=True) as found:
        found.done("bravo", "a:1", "")
        found.failed("alpha", GpuwsError("in use", "stop it"))
    assert told(capsys) == [
        ("alpha", "a:1", False, "in use — stop it"), ("alpha", "b:1", False, None), ("bravo", "a:1", True, None),
    ]  # fmt: skip


def test_what_broke_off_in_the_middle_is_told_with_why(capsys):
    def breaking_off(found):
        with found:
            found.done("alpha", "a:1", "")
            raise GpuwsError("gone")

    with pytest.raises(GpuwsError):
        breaking_off(outcome(json=True))
    assert told(capsys)[1:] == [("alpha", "b:1", False, "gone"), ("bravo", "a:1", False, None)]


def test_what_would_be_done_is_shown_as_commands_or_as_a_document(capsys):
    outcome(dry_run=True).show()
    assert capsys.readouterr().out == "rm a\nrm b\nrm a\n"
    outcome(dry_run=True, json=True).show()
    assert {done for _, _, done, _ in told(capsys)} == {False}
