"""A host's lines are hostile until parsed."""

import ast
import gc
import json
import tracemalloc
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpuws.model.gpu.fault import Fault
from gpuws.model.gpu.reading import GpuDetail, GpuLink, HostFacts, HostReading, MigReading, ProbeCost, Xid
from gpuws.model.text import plain
from gpuws.probe import parse_gpus
from gpuws.probe.agent import main, nvml
from gpuws.probe.lines import LineReader
from gpuws.probe.parse import KINDS, LONGEST_LINE, parse_line

HELLO = {"type": "hello", "login": "ann", "uid": 1000, "gid": 100, "groups": ["ann", "docker"], "home": "/home/ann"}
DETAIL = {"clock_sm": 1980, "throttle": ["power cap"], "pcie_sent": 5, "encoder": 3}
INSTANCE = {"index": 0, "uuid": "MIG-1", "profile": "1g.10gb", "gpu_instance": 7, "memory_total": 10}
GPU = {
    "index": 0,
    "uuid": "GPU-1",
    "name": "H200",
    "health": "ok",
    "unified": False,
    "persistence": True,
    "bus_id": "0000:10:00.0",
    "numa_node": 1,
    "links": [[1, "NVLINK", 18]],
    "mig": [INSTANCE],
    "detail": DETAIL,
}
KERNEL = "0f7ab5c2-1111-2222-3333-444455556666"
PROCESS = {
    "pid": 7,
    "gpu_uuid": "GPU-1",
    "container_ids": ["a" * 64],
    "command": "python train.py",
    "cpu_percent": 150.0,
    "inner_pid": 1,
    "mig_uuid": "MIG-1",
    "kernel": KERNEL,
    "job": "slurm 42",
    "lineage": [17, 12, 1, 0, -3, True, "9", None],
}
XID = {"number": 79, "bus_id": "0000:10:00.0", "text": "GPU has fallen off the bus.", "at": 1.0}
COST = {"cpu_percent": 0.5, "memory": 1 << 20, "first_sample": 0.2}
SESSION = "server::\nsession:$3:2:1:1:2:{}:\nwindow:$3:@1:0:1:0:0:7:vim\npane:$3:@1:%1:70:1:0:::main:vim\n"
SAMPLE = {
    "type": "sample",
    "source": "nvml",
    "gpus": [GPU, {**GPU, "index": 1, "uuid": "GPU-2"}],
    "processes": [PROCESS],
    "warnings": [{"kind": "persistence", "text": "persistence mode is off"}],
    "xids": [XID],
    "cost": COST,
    "disks": [{"mount": "/", "used": 1, "total": 2}],
    "sessions": SESSION.format("main"),
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


def clean(message):
    return all(plain(text, 5000) == text for text in texts(message))


def test_a_hello():
    facts = parsed({**HELLO, "has_tmux": True, "cpu_count": 8})
    assert isinstance(facts, HostFacts)
    assert (facts.login, facts.groups, facts.cpu_count, facts.has_tmux) == ("ann", ("ann", "docker"), 8, True)
    more = parsed({**HELLO, "gids": [7, "8", -1, None, 9], "interpreter": "/usr/bin/python3"})
    assert (more.gids, more.interpreter) == ((7, 9), "/usr/bin/python3")


def test_a_sample():
    reading = parsed(SAMPLE)
    assert isinstance(reading, HostReading)
    assert reading.taken_at == 12.0
    assert reading.gpus[0].memory_used is None
    assert reading.processes[0].container_ids == ("a" * 64,)
    assert reading.sessions[0].name == "main"
    assert parsed({**SAMPLE, "sessions": None}).sessions is None
    assert parsed({**SAMPLE, "sessions": ""}).sessions == ()


def test_what_is_told_beyond_the_cheap_values():
    reading = parsed(SAMPLE)
    first, second = reading.gpus
    assert first.links == (GpuLink("GPU-2", "NVLINK", 18),)
    assert second.links == ()  # a GPU has no link to itself
    assert first.mig == (MigReading("MIG-1", 0, "1g.10gb", 7, memory_total=10),)
    assert first.detail == GpuDetail(clock_sm=1980, throttle=("power cap",), pcie_sent=5, encoder=3.0)
    assert (first.persistence, first.bus_id, first.numa_node) == (True, "0000:10:00.0", 1)
    [process] = reading.processes
    assert (process.cpu_percent, process.inner_pid, process.mig_uuid) == (150.0, 1, "MIG-1")
    assert (process.kernel, process.job) == (KERNEL, "slurm 42")
    assert process.lineage == (17, 12, 1)
    assert reading.warnings == (Fault("persistence", "persistence mode is off"),)
    assert reading.xids == (Xid(79, "0000:10:00.0", "GPU has fallen off the bus.", 1.0),)
    assert reading.cost == ProbeCost(0.5, 1 << 20, 0.2)
    bare = parsed({"type": "sample", "gpus": [{"index": 0, "uuid": "GPU-1"}]})
    assert (bare.gpus[0].mig, bare.gpus[0].detail, bare.xids, bare.cost) == (None, None, None, None)


@given(st.binary(max_size=200))
def test_bytes_never_raise(line):
    assert parse_line(line, 0.0) is None


@given(junk)
def test_any_json_never_raises(value):
    parse_line(json.dumps(value).encode(), 0.0)


WITHIN = {
    "hello": (HELLO, lambda row: {"type": "hello", **row}),
    "sample": (SAMPLE, lambda row: {"type": "sample", **row}),
    "gpu": (GPU, lambda row: {**SAMPLE, "gpus": [row]}),
    "instance": (INSTANCE, lambda row: {**SAMPLE, "gpus": [{**GPU, "mig": [row]}]}),
    "detail": (DETAIL, lambda row: {**SAMPLE, "gpus": [{**GPU, "detail": row}]}),
    "process": (PROCESS, lambda row: {**SAMPLE, "processes": [row]}),
    "disk": (SAMPLE["disks"][0], lambda row: {**SAMPLE, "disks": [row]}),
    "xid": (XID, lambda row: {**SAMPLE, "xids": [row]}),
    "cost": (COST, lambda row: {**SAMPLE, "cost": row}),
}


KINDS_OF_LINES = st.sampled_from(["server", "session", "window", "pane", "client", "screen", ""])
FIELDS = st.lists(st.sampled_from(["$3", "@1", "%1", "1", "7.x", ""]) | st.text(max_size=20), max_size=11)


@given(st.lists(st.builds(lambda kind, fields: ":".join([kind, *fields]), KINDS_OF_LINES, FIELDS)))
def test_any_lines_may_be_told_of_sessions(lines):
    assert clean(parsed({**SAMPLE, "sessions": SAMPLE["sessions"] + "\n".join(lines)}))


@pytest.mark.parametrize("place", WITHIN)
@given(data=st.data())
def test_any_field_may_be_anything(place, data):
    base, wrap = WITHIN[place]
    changed = {key: data.draw(st.just(value) | junk) for key, value in base.items() if key != "type"}
    assert clean(parsed(wrap(changed)))


HOSTILE = (
    "\x1b[2J\x1b]0;title\x07",
    "\u202e\u200b\ufeff",
    "\ud800\udfff",
    "[bold red]x[/]",
    "a" * 3000,
    "9" * 5000,
    10**400,
    -(10**30),
    1e308,
    float("nan"),
    float("-inf"),
    [[]] * 300,
    {"": {"": {}}},
)
PLAIN = (None, True, False, 0, -1, 1 << 64, 0.5, -1e9, "", "x", "\0", "\n\t", "ä", "\U0001f600", "\uffff", "12", "1.5")


def anything(dice, depth=3):
    """Any value that JSON has."""
    kind = dice.randrange(4 if depth else 2)
    if kind == 0:
        return dice.choice(HOSTILE)
    if kind == 1:
        return dice.choice((*PLAIN, dice.uniform(-1e12, 1e12), dice.getrandbits(dice.randrange(200))))
    inner = [anything(dice, depth - 1) for _ in range(dice.randrange(4))]
    return inner if kind == 2 else {str(dice.choice(PLAIN)): value for value in inner}


def bent(dice):
    """A line of an agent that somebody bent, cut, or made up."""
    base, wrap = WITHIN[dice.choice(sorted(WITHIN))]
    names = dice.choices(sorted(base), k=dice.randrange(4))
    row = {**base, **{name: anything(dice) for name in names}}
    line = json.dumps(wrap(row)).encode("utf-8", "surrogatepass")
    if dice.random() < 0.5:
        at = dice.randrange(len(line) + 1)
        line = line[:at] + dice.randbytes(dice.randrange(7)) + line[at + dice.randrange(7) :]
    return line[: dice.randrange(len(line) + 1)] if dice.randrange(4) == 0 else line


@settings(max_examples=100)
@given(st.randoms(use_true_random=True))
def test_ten_thousand_bent_lines(dice):
    for _ in range(100):
        line = bent(dice)
        assert clean(parse_line(line, 0.0)), line


@pytest.mark.alone  # what other tests left running takes memory, too
def test_a_flood_leaves_no_memory_behind():
    """The same values again and again, each line another: what is parsed must be all that is kept."""

    def flood(count):
        for number in range(count):
            row = {**PROCESS, "command": f"python {number} " + "x" * 1000, "kernel": f"{number:08x}" + KERNEL[8:]}
            parse_line(json.dumps({**SAMPLE, "processes": [row] * 20, "error": {"text": str(number)}}).encode(), 0.0)

    flood(50)
    gc.collect()
    tracemalloc.start()
    try:
        flood(300)
        parse_gpus._masked.cache_clear()  # bounded by itself
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] < 64 << 10
    finally:
        tracemalloc.stop()


def test_a_line_as_long_as_allowed_stays_small():
    """A megabyte of anything is a bounded reading."""
    row = {**PROCESS, "command": "y" * 100}
    line = json.dumps({**SAMPLE, "processes": [row] * 2100, "warnings": [{"text": "w" * 1000}] * 100}).encode()
    assert len(line) <= LONGEST_LINE
    reading = parse_line(line, 0.0)
    assert len(reading.processes) == 2048
    assert len(reading.warnings) == 16
    assert max(map(len, texts(reading))) <= 4096


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
        ("fan", 130, 130.0),
        ("unified", 1, False),
        ("persistence", "on", None),
        ("numa_node", -1, None),
        ("mig", {}, None),
        ("mig", [7, {"index": 0}], ()),
        ("links", [[0, "NVLINK", 1], [1, "WIFI", 1], [2, "SYS", 1], "x", [1]], ()),
        ("detail", [], None),
    ],
)
def test_a_wrong_field_is_unknown(field, value, kept):
    assert getattr(parsed({**SAMPLE, "gpus": [{**GPU, field: value}]}).gpus[0], field) == kept


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ({"kind": "hung", "text": "it hangs"}, Fault("hung", "it hangs")),
        ({"kind": "new", "text": "\x1b[31mred", "remedy": "wait"}, Fault("other", "[31mred", "wait")),
        ({"kind": ["hung"], "text": "it hangs", "remedy": 7}, Fault("other", "it hangs")),
        ({"kind": "hung"}, None),
        ("it hangs", None),
        (None, None),
    ],
)
def test_a_fault_of_a_kind_unknown_here_keeps_its_words(told, kept):
    assert parsed({**SAMPLE, "error": told}).error == kept


@pytest.mark.parametrize("name", ["%5", "@3", "=x", " lead", "tail ", "-dash", "x\\$y", "$3", "q'\""])
def test_a_session_goes_by_its_own_name(name):
    reading = parsed({**SAMPLE, "sessions": SESSION.format(name), "processes": [told_in(f":$3:{name}")]})
    assert (reading.sessions[0].name, reading.sessions[0].id, reading.processes[0].session) == (name, "$3", name)


@pytest.mark.parametrize("name", ["a\x1b[2J", "x\u200by", "a\u2028b", "", "n" * 300])
def test_a_session_whose_name_would_not_be_shown_as_it_is_goes_by_its_id(name):
    reading = parsed({**SAMPLE, "sessions": SESSION.format(name), "processes": [told_in(f":$3:{name}")]})
    assert (reading.sessions[0].name, reading.processes[0].session) == ("$3", "$3")


@pytest.mark.parametrize("wrong", ["", "3", "$" + "3" * 20, "%3"])
def test_what_tmux_would_not_say_is_no_session(wrong):
    said = f"session:{wrong}:1:0:1:2:x:\n" + SAMPLE["sessions"]
    assert parsed({**SAMPLE, "sessions": said}).sessions == parsed(SAMPLE).sessions


def told_in(session):
    return {**PROCESS, "session": session}


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
    assert list(LineReader(lambda: next(chunks, b""), 20)) == [line for line in lines if len(line) <= 20]


def test_the_agent_tells_faults_of_kinds_that_are_known():
    told = {kind for kind, _ in (*nvml.START_ERRORS.values(), main.WAITING, main.FAILED)}
    for module in ("main", "nvml"):
        for node in ast.walk(ast.parse((files("gpuws.probe.agent") / f"{module}.py").read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("fault", "nothing"):
                word = node.args[0 if node.func.id == "fault" else 1]
                told |= {word.value} if isinstance(word, ast.Constant) else set()
    assert {"hung", "no-library", "misreports"} < told <= set(KINDS)
