"""What kind of recipe a text is, and what becomes of one that is none."""

from __future__ import annotations

import pytest

from gpuws.config.imports.documents import documents
from gpuws.config.imports.kinds import foreign, kind_of
from gpuws.config.imports.reading import read
from gpuws.config.imports.told_apart import refuse_file
from gpuws.model.errors import UsageError


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("services:\n  a: {image: x}\n", "compose"),
        ("# docker run x\nversion: '3'\nservices: {}\n", "compose"),
        ("web:\n  image: x\n  ports: ['80:80']\n", "compose"),
        ('{"services": {"a": {"image": "x"}}}', "compose"),
        ('// mine\n{ "image": "x", "features": {} }', "devcontainer"),
        ('/* a\n b */ {"dockerComposeFile": "c.yaml", "services": 1}', "devcontainer"),
        ("docker run --rm busybox", "run"),
        ("# first\n$ sudo docker run \\\n  --gpus all x", "run"),
        ("HF_TOKEN=x docker container run x", "run"),
        ("podman run x", "run"),
        ("image: x\ngpus: 1\n", "profile"),
        ("extends: base\ndescription: like docker run x\n", "profile"),
        ("volumes+: [a:/a]\n", "profile"),
        ("hello", None),
        ("", None),
        ("- a\n- b\n", None),
        ("{}", None),
    ],
)
def test_the_kind_is_told_by_its_words(text, kind):
    assert kind_of(text) == kind


def test_what_is_no_profile_says_what_it_is():
    assert foreign("services: {a: {image: x}}") == "a Compose file"
    assert foreign("image: x") is None
    assert foreign("hello") is None


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("compose.yaml", "services: {a: {image: x}}\n", "is a Compose file, not a profile"),
        ("devcontainer.json", '// mine\n{"image": "x"}\n', "is a devcontainer.json, not a profile"),
        ("run.sh", "docker run --gpus all x\n", "is a docker run line, not a profile"),
        ("mine.yaml", "image: x\n", "is a file; a profile is called by its name"),
    ],
)
def test_a_file_where_a_name_is_wanted_is_told(tmp_path, name, text, said):
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=f"{name} {said} — .*gpuws profiles import .*{name} --save NAME"):
        refuse_file(str(tmp_path / name))
    refuse_file(name)  # not here


def test_documents_keep_their_lines():
    text = "# head\n---\nimage: a\n---\n# only a comment\n---\nimage: b\n"
    first, second = documents(text)
    assert first.splitlines()[2] == "image: a"
    assert second.splitlines()[6] == "image: b"
    assert documents("image: x\n") == ("image: x\n",)


def test_a_profile_stays_as_it_is():
    (one,) = read("image: x\ngpus: 1\n", "mine", environ={})
    assert (one.name, one.text, one.lost) == ("mine", "image: x\ngpus: 1\n", ())


def test_what_an_import_printed_has_its_names():
    found = read("# web\n# A profile does not say …\nimage: x\n---\n# db\nimage: y\n---\nimage: z\n", environ={})
    assert [one.name for one in found] == ["web", "db", "profile"]


def test_what_is_no_recipe_says_what_would_be():
    with pytest.raises(UsageError, match=r"a Compose file, a docker run line, a devcontainer.json"):
        read("hello", environ={})
