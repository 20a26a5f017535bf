from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuws.model.errors import GpuwsError, TargetError, UsageError
from gpuws.model.host.host import HostState
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.query.nearest import best, meant
from gpuws.model.query.target import Target, parse, resolve
from gpuws.model.workspace.workspace import Workspace
from tests import factories


def container(host: str, name: str, ident: str = "", mine: bool = False) -> Workspace:
    return factories.workspace(
        host, ident or f"{host}{name}".encode().hex().ljust(64, "0"), name, "image", "running", mine=mine
    )


def up(name: str, *containers: Workspace) -> HostSnapshot:
    return HostSnapshot(name, HostState.UP, workspaces=containers, complete=frozenset({"containers"}))


FLEET = (
    up("alpha", container("alpha", "torch"), container("alpha", "jup", "cafe" + "0" * 60)),
    up("bravo", container("bravo", "torch", mine=True), container("bravo", "alpha")),
    HostSnapshot("delta", HostState.DOWN),
)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("alpha", Target("alpha")),
        ("alpha:main", Target("alpha:main", suffix="main")),
        ("alpha/torch", Target("alpha/torch", "alpha", "torch")),
        ("alpha/torch:8888", Target("alpha/torch:8888", "alpha", "torch", "8888")),
        ("/torch", Target("/torch", "", "torch")),
        ("/torch:x", Target("/torch:x", "", "torch", "x")),
        ("alpha:%5", Target("alpha:%5", suffix="%5")),
        ("alpha: lead", Target("alpha: lead", suffix=" lead")),
        ("alpha:work/main", Target("alpha:work/main", suffix="work/main")),
        ("alpha:/tmp/my.sock/main", Target("alpha:/tmp/my.sock/main", suffix="/tmp/my.sock/main")),
        ("alpha/torch:work/main", Target("alpha/torch:work/main", "alpha", "torch", "work/main")),
        ("alpha/torch:-dash", Target("alpha/torch:-dash", "alpha", "torch", "-dash")),
    ],
)
def test_targets_split_at_the_first_slash_then_the_last_colon(text, target):
    assert parse(text) == target


@pytest.mark.parametrize("text", ["", "/", ":", ":8888", "alpha/", "a:b/c:d"])
def test_what_is_no_target_says_how_to_write_one(text):
    with pytest.raises(UsageError, match="is not a target"):
        parse(text)


@given(st.text(max_size=20))
def test_no_text_breaks_the_parser(text):
    with suppress(GpuwsError):
        assert resolve(parse(text), FLEET).label


def found(text: str) -> str:
    return resolve(parse(text), FLEET).label


def test_a_bare_word_is_a_host_first():
    assert found("alpha") == "alpha"
    assert found("/alpha") == "bravo/alpha"


def test_of_several_the_only_one_that_is_mine():
    assert found("torch") == "bravo/torch"
    assert found("alpha/torch") == "alpha/torch"


def test_an_id_prefix_of_four_or_more():
    assert found("cafe") == "alpha/jup"
    with pytest.raises(TargetError):
        found("caf")


def test_several_that_are_not_mine_are_listed():
    twins = (
        HostSnapshot("a", HostState.UP, workspaces=(container("a", "x"),)),
        HostSnapshot("b", HostState.UP, workspaces=(container("b", "x"),)),
    )
    with pytest.raises(TargetError) as caught:
        resolve(parse("x"), twins)
    assert caught.value.exit_code == 4
    assert "a/x, b/x" in caught.value.remedy


def test_hosts_not_reached_are_named_in_a_warning():
    assert resolve(parse("jup"), FLEET).warnings == ("not looked at, not reached: delta",)
    late = (*FLEET[:2], HostSnapshot("echo", HostState.UP))
    assert resolve(parse("jup"), late).warnings == ("not looked at, containers not read yet: echo",)


def test_a_port_must_be_one():
    assert parse("alpha:8888").port == 8888
    for text in ("alpha", "alpha:x", "alpha:0", "alpha:65536", "alpha:٣"):
        with pytest.raises(UsageError):
            _ = parse(text).port


def test_of_two_that_are_as_near_the_one_that_is_mine_was_meant():
    assert best([(0.9, "a/x"), (0.88, "b/x"), (0.8, "c/x")], frozenset({"b/x", "c/x"})) == ("b/x",)
    assert best([(0.9, "a/x"), (0.88, "b/x"), (0.87, "c/x")]) == ("a/x", "b/x")
    assert best([(0.5, "a/x")]) == best([]) == ()


@pytest.mark.parametrize(("word", "rest", "says"), [
    ("BRVO", "", "did you mean bravo?"), ("alpah", "/x:1", "did you mean alpha/x:1?"), ("zulu", "", ""), ("", "", ""),
    ("cha", "", "did you mean charlie?"), ("lie", "", "did you mean charlie?"), ("ie", "", ""),
])  # fmt: skip
def test_a_guess_is_made_where_a_name_comes_close(word, rest, says):
    assert meant(word, ("alpha", "bravo", "charlie"), rest) == says
