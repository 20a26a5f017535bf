"""Names that anybody on a host may choose: whatever they hold, a notice of them steers no terminal, becomes no option
and no second line, and tells no secret."""

import json
import unicodedata
from dataclasses import replace

import msgspec
import pytest

from gpuws.model.notice.background import task_ended
from gpuws.model.notice.changes import judged
from gpuws.model.notice.places import filled
from gpuws.model.notice.record import Entry, told
from gpuws.model.notice.seen import Seen
from gpuws.model.notice.watch import Watch, over
from gpuws.model.task import Task
from gpuws.model.workspace.usage import Usage
from gpuws.notices.payload import as_body, as_json, words
from gpuws.tui.terminal.notice import osc9, osc777
from tests.factories import GIB, NOW, being, container, session, snapshot

SECRET = "hf_abcdefghijklmnopqrst"
NAMES = [
    "\x1b]0;title\x07", "\x1b]52;c;cm0gLXJmIC8=\x07", "\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\", "\x9b2J\x9d0;x\x9c",
    "a\x07\x07b", "a\nSubject: b\r\nBcc: c@d", "\u202egnp.exe", "\u2066a\u2069\u200b\u200f", "[bold red]x[/] [link=y]",
    "$(reboot) `id` ; rm -rf / | sh &", "-rf", "--option=x", "- -x", "'\"\\", "{sentence}{kind} %s %n", "4;3;50",
    "a;b;c", "nul\0nul", "\U000e0041\ufeff\u2028line", f"token={SECRET}", SECRET,
]  # fmt: skip


def notices(name):
    """Of all that carries a name from a host."""
    box = replace(container(memory_limit=GIB, usage=Usage(memory=0)), name=name)
    desk = session(name, command=name, container=name)
    seen = Seen()
    looks = (
        snapshot(workspaces=(box,), sessions=(desk,)),
        snapshot(workspaces=(replace(box, usage=Usage(memory=GIB)),), sessions=(desk,)),
        snapshot(workspaces=(replace(being(box, "exited"), failed=True, reason=name),), sessions=()),
    )
    for look in looks:
        seen, found = judged("salt", seen, look, NOW)
        yield from found
    yield over(Watch("1", "process", "alpha", "7", name, NOW), f"exited 1: {name}", NOW)
    ended = task_ended(Task("1", "m", "launch", f"launch {name}", "alpha", NOW, state="done", ended_at=NOW))
    assert ended is not None
    yield ended


def harmless(text):
    return not any(unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp") for one in text)


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_whatever_a_name_holds(name):
    found = list(notices(name))
    assert {one.kind for one in found} == {"container", "limit", "asked", "task"}
    for one in found:
        said = [*words(one).values(), *json.loads(as_json(one)).values(), as_body(one, {"t": "{sentence}"}).decode()]
        assert all(map(harmless, filter(lambda it: isinstance(it, str), said)))
        assert SECRET not in repr(said)
        assert not any(value.startswith("-") for value in words(one).values())
        assert filled("{subject}", words(one)) == words(one)["subject"]  # what looks like a place in it is none
        for environ in ({}, {"TMUX": "/tmp/t"}):
            assert_one_sequence(osc9(one.sentence, environ), environ)
            assert_one_sequence(osc777(one.sentence, environ), environ)
        assert (
            msgspec.json.decode(msgspec.json.encode(Entry(told=told(one, ("toast",)))), type=Entry).told.notice == one
        )


def assert_one_sequence(text, environ):
    """That of the notice itself: it begins once and ends once, and the title's field has no third."""
    inner = text.removeprefix("\x1bPtmux;").removesuffix("\x1b\\").replace("\x1b\x1b", "\x1b") if environ else text
    assert inner.startswith(("\x1b]9;gpuws: ", "\x1b]777;notify;gpuws;"))
    assert inner.endswith("\x07")
    assert harmless(inner[1:-1])
    assert not inner.startswith("\x1b]777") or inner.count(";") == 3
