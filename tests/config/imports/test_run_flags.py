"""Flags of `docker run` in another recipe, each word meaning itself."""

from __future__ import annotations

import pytest
import yaml

from gpuws.config.imports.draft import Draft
from gpuws.config.imports.run.arguments import read_flags
from gpuws.config.imports.run.reading import Reading
from gpuws.config.imports.run.words import Word
from gpuws.config.yaml.nodes import Position
from gpuws.config.yaml.problems import ConfigProblems


def test_they_join_what_the_recipe_says():
    draft = Draft("d.json")
    draft.say("image", "i", Position("d.json", 1, 1))
    draft.add("cap_add", "SYS_NICE", Position("d.json", 2, 1))
    words = ["--gpus=all", "--cap-add", "SYS_PTRACE", "-e", "A=$$x", "--rm", "--cidfile", "x"]
    read_flags([Word(word, 7) for word in words], Reading(draft))
    found = draft.finished("d")
    assert yaml.safe_load(found.text) == {
        "image": "i", "gpus": "all", "cap_add": ["SYS_NICE", "SYS_PTRACE"], "environment": {"A": "$$$$x"},
        "auto_remove": True,
    }  # fmt: skip
    assert [(one.what, one.line) for one in found.lost] == [("--cidfile x", 7)]


def test_a_word_that_is_no_flag_is_told_with_its_line():
    with pytest.raises(ConfigProblems, match=r"d\.json:7:1: image: expected flags only"):
        read_flags([Word("--rm", 6), Word("image", 7)], Reading(Draft("d.json")))
