"""Logs of a real engine: outputs apart, long lines, pages back, the run before, on after a cut."""

from functools import partial

import pytest

from gpuws.engines.docker.existing.logs import Stamped
from gpuws.fleet.reading import Edge, LogReading, page_before, whole_lines
from gpuws.link.streams import StreamBroken
from gpuws.model.errors import GpuwsError, Unreachable
from gpuws.model.workspace.log_messages import Messages
from gpuws.model.workspace.logs import LogWindow
from tests.engines.docker.conftest import IMAGE

STAMP = b"2026-05-01T12:00:00.123456789Z "


@pytest.fixture
def run(clean):
    """Has a shell in a container do that, to its end; the way to its log, and its id."""

    def run(script, *options):
        identity = clean.daemon.cli("run", "-d", *options, IMAGE, "sh", "-c", script).strip()
        clean.daemon.cli("wait", identity)
        return partial(clean.engine.logs, identity), identity

    return run


def read(log, **window):
    reading = LogReading(log, LogWindow(tail=None, **window))
    return [*whole_lines(iter(reading.more, []))]


def test_outputs_apart_and_long_lines_whole(run):
    long = "x=0123456789; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do x=$x$x; done; echo $x; echo end"
    log, _ = run(f"echo out; echo err >&2; {long}")
    found = read(log)
    assert sorted((line.output, len(line.data)) for line in found) == [
        ("stderr", 4), ("stdout", 4), ("stdout", 4), ("stdout", 40961),
    ]  # fmt: skip
    assert b"0123456789" * 4096 + b"\n" in [line.data for line in found]
    log, _ = run(long, "-t")
    assert [len(line.data) for line in read(log)] == [40962, 5]


def test_pages_back_to_the_beginning_and_the_end_of_a_span(run):
    log, _ = run("seq 500")
    last = page_before(log, Edge(), 100)
    assert [one.data for one in last] == [b"%d\n" % n for n in range(401, 501)]
    held = last
    while page := page_before(log, Edge(held[0].stamp, {(one.stamp, one.output): 1 for one in held}, len(held)), 150):
        held = page + held
    assert [one.data for one in held] == [b"%d\n" % n for n in range(1, 501)]


def test_the_run_before_the_last_start(run, clean):
    log, identity = run("sleep 0.5; echo one; echo more >&2; sleep 0.5")  # nothing within a moment of a start
    first = [line.data for line in read(log)]
    assert read(log, previous=True) == []
    for _ in range(2):
        clean.daemon.cli("start", identity)
        clean.daemon.cli("wait", identity)
    whole = [line.data for line in read(log)]
    assert [line.data for line in read(log, previous=True)] == whole[: 2 * len(first)]


def test_a_log_that_is_kept_nowhere_is_said_in_a_sentence(run):
    log, _ = run("echo gone", "--log-driver", "none")
    with pytest.raises(GpuwsError, match="its logging driver can't be read — look where"):
        read(log)


def test_a_followed_log_goes_on_behind_a_cut(clean):
    identity = clean.daemon.cli(
        "run", "-d", IMAGE, "sh", "-c", "seq 300; while [ ! -e /tmp/go ]; do sleep 0.05; done; seq 301 5000; sleep 60"
    ).strip()
    opened = []

    def log(window):
        opened.append(clean.engine.logs(identity, window))
        return opened[-1]

    reading, got = LogReading(log, LogWindow(follow=True, tail=None)), []
    while len(got) < 300:
        got += reading.more()
    opened[-1]._reply.stream.close()
    clean.engine.place(identity).run(["touch", "/tmp/go"])
    with pytest.raises(Unreachable):
        got += reading.more()
    while len(got) < 5000:
        got += reading.more()
    assert [one.data for one in got] == [b"%d\n" % n for n in range(1, 5001)]
    reading.close()
    assert issubclass(StreamBroken, Unreachable)


@pytest.mark.parametrize("size", [1, 7, 100, 65536])
def test_a_terminals_log_is_parted_where_docker_parted_it(size):
    data = STAMP + b"x" * 16384 + STAMP + b"y" * 10 + b"\r\n" + STAMP + b"\r\n" + STAMP + b"half"
    stamped, reader = Stamped(), Messages()
    pieces = [*(data[at : at + size] for at in range(0, len(data), size)), b""]
    found = [one for piece in pieces for one in reader.feed(stamped(piece))]
    assert [one.data for one in found] == [b"x" * 16384, b"y" * 10 + b"\r\n", b"\r\n", b"half"]
    assert all(one.stamp for one in found)
