"""Names of hosts: what ssh takes, and how each is written in a target."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuws.model.errors import UsageError
from gpuws.model.host.host import HostState
from gpuws.model.host.naming import at_colon, bare, bracketed, labelled, refused, refused_user, split_host, wrong_name
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.query.target import host_named, hosts_to_look_at, parse, resolve
from gpuws.model.workspace.workspace import Workspace
from tests import factories

SIGNS = "".join(chr(code) for code in range(33, 127))
ODD = (
    *("办公", "lab/gpu/a100", "TEST-Quoted", "gpu+1", "2001:db8::10", "fe80::1%eth0", "my.gpu", "a#b", "~x", "n=1^!"),
    "é" * 255,
)
LETTERS = st.sampled_from([*SIGNS, "é", "公", "\u0301"])
names = st.text(LETTERS, min_size=1, max_size=12).filter(lambda name: not wrong_name(name))
inside = st.from_regex(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,9}", fullmatch=True)
suffixes = st.one_of(inside, st.from_regex(r"[a-z0-9]{1,4}/[a-z0-9]{1,4}", fullmatch=True))


@pytest.mark.parametrize("sign", SIGNS)
def test_what_is_refused_is_what_ssh_refuses(sign):
    """Held against the ssh of this machine; that it runs at all is the first check."""
    command = ["ssh", "-G", "-F", "none"]
    assert subprocess.run([*command, "--", "ab"], capture_output=True, check=False).returncode == 0
    host = subprocess.run([*command, "--", f"a{sign}b"], capture_output=True, check=False)
    assert bool(refused(f"a{sign}b")) == (host.returncode != 0)
    user = subprocess.run([*command, "-l", f"a{sign}b", "--", "h"], capture_output=True, check=False)
    assert user.returncode == 0 or refused_user(f"a{sign}b")


@pytest.mark.parametrize("name", ODD)
def test_whatever_ssh_takes_whole_is_a_name(name):
    assert wrong_name(name) == ""


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "empty"), ("-v", "dash"), ("a b", "blank"), ("a\u3000b", "blank"), ("a\u202eb", "can't be seen"),
        ("a$b", r"holds \$"), ("a,b;c", "holds , ;"), ("!a", "negation"), ("gpu-*", "pattern"), ("g?", "pattern"),
        ("me@gpu", "a user"), ("gpu-[01-08]", "a range"), ("ssh://x", "URL"), ("x" * 256, "longer"),
    ],
)  # fmt: skip
def test_what_is_no_name_says_why(name, why):
    with pytest.raises(ValueError, match=why):
        raise ValueError(wrong_name(name))


def test_brackets_stand_where_a_sign_of_targets_is_in_a_name():
    assert [bracketed(name) for name in ("gpu+1", "办公", "lab/a", "::1")] == ["gpu+1", "办公", "[lab/a]", "[::1]"]
    assert labelled("lab/a", "work") == "[lab/a]/work"
    assert [bare(word) for word in ("[lab/a]", "alpha", "[]", "[a", "[a]b")] == ["lab/a", "alpha", "[]", "[a", "[a]b"]
    assert at_colon("[::1]/work:/data:x") == ("[::1]/work", ":", "/data:x")
    assert at_colon("[a].txt") == ("[a].txt", "", "")


@given(names, st.none() | inside, st.none() | suffixes)
def test_what_is_written_is_read_again(host, container, suffix):
    target = parse(labelled(host, container) + (f":{suffix}" if suffix else ""))
    assert (host_named(target, [host]), target.container, target.suffix) == (host, container, suffix)
    assert split_host(labelled(host, container))[0] == host


@given(names, st.none() | inside)
def test_a_known_name_may_be_typed_as_it_is(host, container):
    """Without a suffix: of an address of IPv6 nobody could tell it apart."""
    word = f"{host}/{container}" if container else host
    target = parse(word, [host])
    assert (host_named(target, [host]), target.container) == (host, container)
    assert hosts_to_look_at(target, [host]) == (host,)


def up(name: str, *inside: str) -> HostSnapshot:
    there = tuple(factories.workspace(name, one.encode().hex().ljust(64, "0"), one, "i", "running") for one in inside)
    return HostSnapshot(name, HostState.UP, workspaces=there, complete=frozenset({"containers"}))


FLEET = (up("lab", "gpu"), up("lab/gpu", "work"), up("2001:db8::10", "work2"))


def meant(word: str) -> tuple[str, str | None]:
    found = resolve(parse(word, [one.name for one in FLEET]), FLEET)
    container: Workspace | None = found.container
    return found.label, container.name if container else None


def test_where_a_plain_name_may_mean_another_the_grammar_decides():
    assert meant("lab/gpu") == ("lab/gpu", "gpu")
    assert meant("[lab/gpu]") == ("[lab/gpu]", None)
    assert meant("[lab/gpu]/work") == ("[lab/gpu]/work", "work")
    assert meant("2001:db8::10") == ("[2001:db8::10]", None)
    assert meant("2001:db8::10/work2") == ("[2001:db8::10]/work2", "work2")
    assert meant("work") == ("[lab/gpu]/work", "work")


@pytest.mark.parametrize("word", ["[]", "[a", "[a]b", "[a]/", "[a]/:x"])
def test_brackets_that_name_nothing(word):
    with pytest.raises(UsageError, match="is not a target"):
        parse(word)
