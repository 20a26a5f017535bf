"""A host's lines are hostile until parsed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuws.model.reading import HostFacts, HostReading
from gpuws.model.text import plain
from gpuws.probe.lines import Lines
from gpuws.probe.parse import LONGEST_LINE, parse_line

HELLO = {"type": "hello", "login": "ann", "uid": 1000, "gid": 100, "groups": ["ann", "docker"], "home": "/home/ann"}
GPU = {"index": 0, "uuid": "GPU-1", "name": "H200", "health": "ok"}
PROCESS = {"pid": 7, "gpu_uuid": "GPU-1", "container_ids": ["a" * 64], "command": "python train.py"}
SESSION = {"name": "main", "windows": 2, "attached": 1, "created": 1.0, "activity": 2.0, "command": "vim"}
SAMPLE = {
    "type": "sample",
    "source": "nvml",
    "gpus": [GPU],
    "processes": [PROCESS],
    "disks": [{"mount": "/", "used": 1, "total": 2}],
    "sessions": [SESSION],
}

junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(10**400),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


def parsed(row):
    return parse_line(json.dumps(row).encode(), 12.0)


def texts(value):
    """Every text in a parsed value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from texts(item)
    elif hasattr(value, "__slots__"):
        for name in value.__slots__:
            yield from texts(getattr(value, name))


def test_a_hello():
    facts = parsed({**HELLO, "has_tmux": True, "cpu_count": 8})
    assert isinstance(facts, HostFacts)
    assert (facts.login, facts.groups, facts.cpu_count, facts.has_tmux) == ("ann", ("ann", "docker"), 8, True)


def test_a_sample():
    reading = parsed(SAMPLE)
    assert isinstance(reading, HostReading)
    assert reading.taken_at == 12.0
    assert reading.gpus[0].memory_used is None
    assert reading.processes[0].container_ids == ("a" * 64,)
    assert reading.sessions[0].name == "main"
    assert parsed({**SAMPLE, "sessions": None}).sessions is None
    assert parsed({**SAMPLE, "sessions": []}).sessions == ()


@given(st.binary(max_size=200))
def test_bytes_never_raise(line):
    assert parse_line(line, 0.0) is None


@given(junk)
def test_any_json_never_raises(value):
    parse_line(json.dumps(value).encode(), 0.0)


@pytest.mark.parametrize("base", [HELLO, SAMPLE, GPU, PROCESS, SESSION, SAMPLE["disks"][0]])
@given(data=st.data())
def test_any_field_may_be_anything(base, data):
    changed = {key: data.draw(st.just(value) | junk) for key, value in base.items() if key != "type"}
    wrapped = {
        id(GPU): {**SAMPLE, "gpus": [changed]},
        id(PROCESS): {**SAMPLE, "processes": [changed]},
        id(SESSION): {**SAMPLE, "sessions": [changed]},
        id(SAMPLE["disks"][0]): {**SAMPLE, "disks": [changed]},
    }.get(id(base), {"type": base.get("type"), **changed})
    message = parsed(wrapped)
    assert all(plain(text, 5000) == text for text in texts(message))


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("utilization", 900, 100.0),
        ("utilization", -3, 0.0),
        ("utilization", True, None),
        ("utilization", float("nan"), None),
        ("memory_used", -1, None),
        ("memory_used", 10**400, None),
        ("memory_used", 1.5, None),
        ("power", "125", None),
        ("temperature", float("inf"), None),
        ("error", "\x1b[31mred\x07", "[31mred"),
        ("health", "splendid", "error"),
        ("health", ["ok"], "error"),
        ("name", None, "GPU"),
    ],
)
def test_a_wrong_field_is_unknown(field, value, kept):
    assert getattr(parsed({**SAMPLE, "gpus": [{**GPU, field: value}]}).gpus[0], field) == kept


@pytest.mark.parametrize("name", ["a:b", "a\x1b[2J", "x\u200by", "", " padded ", "-flag", "n" * 300, 7])
def test_a_session_whose_name_would_not_lead_back_to_it_is_left_out(name):
    assert parsed({**SAMPLE, "sessions": [{**SESSION, "name": name}, SESSION]}).sessions == (
        parsed(SAMPLE).sessions[0],
    )


def test_a_gpu_told_twice_is_one():
    assert len(parsed({**SAMPLE, "gpus": [GPU, GPU]}).gpus) == 1


def test_floods_are_cut():
    reading = parsed({**SAMPLE, "gpus": [{**GPU, "uuid": f"GPU-{i}"} for i in range(500)]})
    assert len(reading.gpus) == 64
    assert parse_line(b'{"type":"sample"}' + b" " * LONGEST_LINE, 0.0) is None
    assert parse_line(b"[" * 100_000, 0.0) is None


@given(st.lists(st.binary(max_size=30).filter(lambda line: b"\n" not in line)), st.integers(1, 7))
def test_lines_come_whole_however_they_are_cut(lines, size):
    stream = b"".join(line + b"\n" for line in lines) + b"unfinished"
    chunks = iter([stream[at : at + size] for at in range(0, len(stream), size)])
    assert list(Lines(lambda: next(chunks, b""), 20)) == [line for line in lines if len(line) <= 20]
