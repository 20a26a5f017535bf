"""Kernels: what they hold and whose they are, what is asked before one is touched, and the word to its holder."""

from dataclasses import replace

import pytest

from gpuws.model.consent.kernels import kernel_command, kernel_confirmation, server_question, target_of
from gpuws.model.errors import Refused
from gpuws.model.ownership.identity import Me
from gpuws.model.ownership.kernels import idle_longer, kernel_of, kernels, unnamed
from gpuws.model.query.target import Found
from gpuws.model.session.notebook import Notebook, file_of, url_of
from gpuws.model.session.tunnel import Tunnel, TunnelTarget
from gpuws.present.holder_message import by_mail, by_write, text
from tests.factories import GIB, NOW, container, gpu, snapshot

HOUR = 3600.0
ALICE = Me("alice", frozenset({"alice"}))
TRAIN = Notebook("1a2b3c4d-0000", "exp/train.ipynb", 8888, "torch-dev", "busy", NOW, "python3", 1)
OLD = Notebook("99999999-0000", "exp/old.ipynb", 8888, "torch-dev", "idle", NOW - 7 * HOUR, "python3", 0)
BOBS = Notebook("7f3a0000-0000", "exp7.ipynb", 8888, "jup", "idle", NOW - 9 * HOUR, "python3", 0)


def holding(kernel, index, used, *, notebook=None, mine=False, user="bob", container="jup"):
    one = gpu(index, user=user, name=container, kind="container", used=used, mine=mine)
    process = replace(one.processes[0], kernel=kernel, notebook=notebook, container=container, mine=mine, user=user)
    return replace(one, processes=(process,))


def host(**more):
    gpus = (
        holding(TRAIN.kernel, 0, 70, notebook=TRAIN.path, mine=True, user="alice", container="torch-dev"),
        holding(BOBS.kernel, 1, 20),
        holding("dddd1111-0000", 2, 30),
    )
    boxes = (container(), container("jup", owner="bob", mine=False))
    facts = {"gpus": gpus, "workspaces": boxes, "notebooks": (TRAIN, OLD, BOBS), "me": ALICE, "coverage": "read"}
    return replace(snapshot("alpha"), **{**facts, **more})


def by_name(one):
    return {kernel.typed: kernel for kernel in kernels(one)}


def test_what_kernels_hold_and_whose_they_are():
    found = by_name(host())
    held = {name: (one.memory, one.gpus, one.owner, one.mine) for name, one in found.items()}
    assert held == {
        "train.ipynb": (70 * GIB, (0,), "alice", True),
        "old.ipynb": (0, (), "alice", True),
        "exp7.ipynb": (20 * GIB, (1,), "bob", False),
        "dddd1111": (30 * GIB, (2,), "bob", False),
    }
    assert found["dddd1111"].notebook is None


def test_one_that_works_is_not_idle_and_unknown_is_not_zero():
    found = by_name(host())
    assert found["train.ipynb"].idle_since is None
    assert found["old.ipynb"].idle(NOW) == 7 * HOUR
    assert [one.typed for one in idle_longer(found.values(), 6 * HOUR, NOW)] == ["old.ipynb", "exp7.ipynb"]
    assert [one.typed for one in idle_longer(found.values(), 8 * HOUR, NOW)] == ["exp7.ipynb"]
    assert by_name(host(gpus=(), coverage="waiting"))["old.ipynb"].memory is None


def test_a_kernel_of_a_login_that_several_people_use_is_nobodys():
    mine = replace(OLD, container=None)
    assert kernel_of(mine, host()).mine
    assert not kernel_of(mine, host(me=replace(ALICE, shared=True))).mine


def test_which_kernels_of_mine_have_no_name_yet():
    assert unnamed(host().gpus) == frozenset()  # bob's are not looked for
    nameless = holding("eeee", 0, 70, mine=True, user="alice", container="torch-dev")
    assert unnamed((nameless,)) == {"eeee"}


@pytest.mark.parametrize("word", ["exp/train.ipynb", "train.ipynb", "train", "1a2b", "1A2B3C4D"])
def test_how_one_is_named(word):
    assert [one.typed for one in kernels(host()) if one.answers_to(word)] == ["train.ipynb"]


def test_too_short_a_beginning_names_none():
    assert not any(one.answers_to("1a2") for one in kernels(host()))


def test_as_the_command_line_takes_it():
    found = by_name(host())
    assert target_of(found["train.ipynb"]) == "alpha/torch-dev:exp/train.ipynb"
    assert target_of(found["dddd1111"]) == "alpha/jup:dddd1111"
    odd = kernel_of(replace(OLD, path="a: b.ipynb", container=None), host())
    assert kernel_command("restart", odd) == "gpuws kernels restart alpha:99999999"


def asked(act, name, now=NOW, **more):
    one = host(**more)
    return kernel_confirmation(act, by_name(one)[name], one, now)


@pytest.mark.parametrize("act", ["interrupt", "restart", "shutdown"])
def test_mine_asks_where_it_holds_memory(act):
    found = asked(act, "train.ipynb")
    assert (found.word, found.busy) == (None, True)
    assert found.lines[0] == "your notebook, busy, 70G of GPU 0."
    assert asked(act, "old.ipynb") is None


def test_mine_asks_where_nobody_knows_what_it_holds_and_before_a_cell_is_lost():
    assert asked("interrupt", "old.ipynb", gpus=(), coverage="waiting") is not None
    assert asked("interrupt", "train.ipynb", gpus=()) is None
    assert asked("shutdown", "train.ipynb", gpus=()) is not None


def test_not_mine_asks_for_its_name_and_needs_a_token():
    found = asked("shutdown", "exp7.ipynb")
    assert found.word == "exp7.ipynb"
    assert found.lines[0] == "bob's notebook, idle 9h00, 20G of GPU 1."
    assert "variables are lost" in found.lines[1]
    with pytest.raises(Refused, match="whose token is at hand"):
        asked("interrupt", "dddd1111")


def test_nothing_is_done_on_a_read_only_host():
    with pytest.raises(Refused, match="read-only"):
        asked("interrupt", "old.ipynb", readonly=True)


def test_the_word_to_its_holder():
    kernel = by_name(host())["exp7.ipynb"]
    said = text(kernel, NOW)
    assert said == (
        "Hello bob, your notebook exp7.ipynb in alpha/jup has been idle for 9h00 and holds 20G of GPU 1. "
        "Do you still need it? Shutting its kernel down would free it."
    )
    assert by_write(kernel, NOW) == f"echo '{said}' | ssh alpha 'write bob'"
    assert by_mail(kernel, NOW).endswith("""| ssh alpha 'mail -s '"'"'your notebook exp7.ipynb on alpha'"'"' bob'""")
    assert by_write(replace(kernel, owner=None), NOW) == ""


@pytest.mark.parametrize(
    ("page", "opened"),
    [
        ("http://127.0.0.1:2/lab?token=t", "http://127.0.0.1:2/lab/tree/exp%201/a.ipynb?token=t"),
        ("http://127.0.0.1:2/user/ann/lab", "http://127.0.0.1:2/user/ann/lab/tree/exp%201/a.ipynb"),
        ("https://127.0.0.1:2/tree?token=t", "https://127.0.0.1:2/notebooks/exp%201/a.ipynb?token=t"),
        ("http://127.0.0.1:2/login", "http://127.0.0.1:2/login"),
    ],
)
def test_where_a_notebook_is_opened(page, opened):
    assert url_of(page, "exp 1/a.ipynb") == opened
    assert url_of(page, "") == page


def test_what_has_no_file_is_not_opened_as_one():
    assert file_of(TRAIN) == "exp/train.ipynb"
    assert file_of(replace(TRAIN, path="python3 (no notebook)")) == ""
    assert file_of(replace(TRAIN, path="console-1-4f")) == ""


def test_before_a_server_ends_what_its_kernels_hold_is_told():
    there, elsewhere = host(), replace(TRAIN, kernel="55555555-0000", path="other.ipynb", port=8890)
    there = replace(there, notebooks=(*there.notebooks, elsewhere))
    asked = server_question(Found(there, there.workspaces[0], None), 8888, NOW)
    assert asked.title == "Stop the Jupyter server on port 8888 in alpha/torch-dev?"
    assert asked.lines == (
        "Its kernels end, with what they hold.",
        "exp/train.ipynb: busy, 70G of GPU 0",
        "exp/old.ipynb: idle 7h00",
    )
    assert (asked.command, asked.word, asked.busy) == ("gpuws jupyter alpha/torch-dev:8888 --stop", None, True)
    assert len(server_question(Found(there, there.workspaces[0], None), None, NOW).lines) == 4
    led = TunnelTarget("alpha", "torch-dev", 8888, "notebook")
    tunnels = [Tunnel("a", led, 20001, workspace=there.workspaces[0].id, connections=2)]
    tunnels.append(replace(tunnels[0], target=replace(led, port=8890)))
    cut = server_question(Found(there, there.workspaces[0], None), 8888, NOW, tunnels).lines[-1]
    assert cut == "It cuts 1 tunnel: 127.0.0.1:20001 → alpha/torch-dev:8888 (2 connections open)."
    itself = server_question(Found(there, None, None), None, NOW)
    assert (itself.lines, itself.command) == (("Its kernels end, with what they hold.",), "gpuws jupyter alpha --stop")


def test_no_server_ends_in_what_is_not_mine_or_may_not_be_changed():
    there = host()
    with pytest.raises(Refused, match="alpha/jup is not yours"):
        server_question(Found(there, there.workspaces[1], None), None, NOW)
    with pytest.raises(Refused, match="read-only"):
        server_question(Found(replace(there, readonly=True), there.workspaces[0], None), None, NOW)
