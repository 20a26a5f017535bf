"""Terminals, programs and streams through a keeper: every byte, both ends of it, and nobody stalls anybody else."""

import contextlib
import hashlib
import os
import socket
import threading

import pytest

from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.keeper.wire.messages import Inquire
from gpuws.model.consent.entry import Manner
from gpuws.model.errors import GpuwsError, TargetError, Unreachable
from gpuws.model.session.terminal import Size
from gpuws.model.workspace.logs import LogWindow
from gpuws.model.workspace.workspace import PlaceRef, Ref
from tests.keeper.serving import SOON, until

ALPHA = PlaceRef("alpha")
BOX = Ref("alpha", "c")
PLENTY = 32 << 20


class Source:
    """One end of a byte stream, of which a test holds the other: `theirs`. All three kinds at once."""

    def __init__(self):
        self._ours, self.theirs = socket.socketpair()
        self._errors, self.their_errors = socket.socketpair()
        self.resized, self.closed, self.status, self.failure = [], threading.Event(), 0, None
        self.recv = self.read = self._recv
        self.sendall = self.write = self._ours.sendall

    def _recv(self, limit=65536):
        data = self._ours.recv(limit)
        if not data and self.failure:
            raise self.failure
        return data

    def read_stderr(self, limit=65536):
        return self._errors.recv(limit)

    def shutdown_write(self):
        self._ours.shutdown(socket.SHUT_WR)

    close_stdin = shutdown_write

    def settimeout(self, seconds):
        self._ours.settimeout(seconds)

    def resize(self, size):
        self.resized.append(size)

    def exit_status(self):
        return self.status

    def wait(self, timeout=None):
        return self.status

    def end(self):
        """The program is done."""
        self.theirs.shutdown(socket.SHUT_WR)
        self.their_errors.close()

    def close(self):
        self.closed.set()
        for sock in (self._ours, self._errors):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


class Streaming(DemoFleet):
    """Every stream that is opened is kept in `sources`."""

    def __init__(self):
        super().__init__(tick=0)
        self.sources = []
        self.asked = []

    def _source(self, *asked):
        self.asked.append(asked)
        self.sources.append(Source())
        return self.sources[-1]

    def logs(self, ref, window):
        return self._source(ref, window)

    def popen(self, place, argv, *, user=None, cwd=None, env=()):
        return self._source(place, argv, user, cwd, env)

    def interactive(self, place, argv, size, *, term="xterm-256color", user=None, cwd=None, env=()):
        return self._source(place, argv, size, term, user, cwd, env)

    def attach(self, place, session, size, *, term="xterm-256color", how=None, mine=None):
        return self._source(place, session, size, term, how)


@pytest.fixture
def serving(serve):
    return serve(Streaming())


@pytest.fixture
def client(serving):
    return serving.client(start=False)


LOOK = Manner(own=False, look=True, note="bob's")
OPENERS = {
    "stream": lambda client: client.logs(BOX, LogWindow()),
    "process": lambda client: client.popen(ALPHA, ["cat"]),
    "terminal": lambda client: client.attach(ALPHA, None, Size()),
}


@pytest.fixture(params=sorted(OPENERS))
def pair(request, serving, client):
    """What the client has, and what the keeper opened for it."""
    stream = OPENERS[request.param](client)
    yield stream, serving.fleet.sources[-1]
    stream.close()


def reading(stream):
    return getattr(stream, "read", None) or stream.recv


def writing(stream):
    return getattr(stream, "write", None) or stream.sendall


def drained(read):
    digest, size = hashlib.sha256(), 0
    while data := read():
        digest.update(data)
        size += len(data)
    return digest.digest(), size


def test_megabytes_pass_both_ways_unchanged(pair):
    stream, source = pair
    down, up = os.urandom(4 << 20), os.urandom(4 << 20)
    got = {}

    def far():
        received = b""
        while len(received) < len(up):
            received += source.theirs.recv(65536)
        got["up"] = received

    def feed():
        source.theirs.sendall(down)
        source.end()

    threads = [threading.Thread(target=work) for work in (far, feed, lambda: writing(stream)(up))]
    for thread in threads:
        thread.start()
    assert drained(reading(stream)) == (hashlib.sha256(down).digest(), len(down))
    for thread in threads:
        thread.join(SOON)
    assert got["up"] == up


def test_its_end_is_its_own_and_comes_with_the_status(pair):
    stream, source = pair
    source.status = 7
    source.theirs.sendall(b"last words")
    source.end()
    assert drained(reading(stream))[1] == len(b"last words")
    assert reading(stream)() == b""
    if hasattr(stream, "exit_status"):
        assert stream.exit_status() == 7
    if hasattr(stream, "wait"):
        assert stream.wait(SOON) == 7
        assert stream.wait() == 7


def test_closing_ends_the_far_end(pair):
    stream, source = pair
    stream.close()
    assert source.closed.wait(SOON)
    assert reading(stream)() == b""
    stream.close()


def test_closing_frees_a_blocked_reader(pair):
    stream, _ = pair
    got = []
    reader = threading.Thread(target=lambda: got.append(reading(stream)()))
    reader.start()
    stream.close()
    reader.join(SOON)
    assert got == [b""]


def test_closing_frees_a_blocked_writer(pair):
    stream, _ = pair
    stopped = threading.Event()

    def write():
        try:
            writing(stream)(b"x" * PLENTY)
        except GpuwsError:
            stopped.set()

    writer = threading.Thread(target=write)
    writer.start()
    stream.close()
    assert stopped.wait(SOON)
    writer.join()


def test_a_client_that_is_gone_ends_the_far_end_and_leaves_nothing(serving, client, pair):
    stream, source = pair
    threads = threading.active_count()
    stream._connection.close()  # as when its process is killed: every descriptor goes
    stream._data.close()
    assert source.closed.wait(SOON)
    until(lambda: serving.connections == 0, "the connection's end")
    until(lambda: threading.active_count() < threads, "its threads' end")


def test_no_more_input_and_output_goes_on(serving, client):
    process = client.popen(ALPHA, ["wc"])
    source = serving.fleet.sources[-1]
    process.write(b"abc")
    process.close_stdin()
    assert source.theirs.recv(10) == b"abc"
    assert source.theirs.recv(10) == b""
    source.theirs.sendall(b"3\n")
    source.end()
    assert process.read() == b"3\n"
    assert process.read() == b""
    process.close()


def test_both_outputs_are_apart(serving, client):
    process = client.popen(ALPHA, ["x"])
    source = serving.fleet.sources[-1]
    source.theirs.sendall(b"out")
    source.their_errors.sendall(b"err")
    source.end()
    assert (process.read(), process.read_stderr()) == (b"out", b"err")
    assert (process.read(), process.read_stderr()) == (b"", b"")
    assert process.wait(SOON) == 0
    process.close()


def test_waiting_for_a_program_that_goes_on_times_out(serving, client):
    process = client.popen(ALPHA, ["x"])
    with pytest.raises(TimeoutError):
        process.wait(0.05)
    serving.fleet.sources[-1].end()
    assert process.wait(SOON) == 0
    process.close()


def test_reading_can_time_out_and_go_on(serving, client):
    stream = client.logs(BOX, LogWindow(follow=True))
    stream.settimeout(0.05)
    with pytest.raises(TimeoutError):
        stream.recv()
    serving.fleet.sources[-1].theirs.sendall(b"late")
    stream.settimeout(SOON)
    assert stream.recv() == b"late"
    stream.close()


def test_a_terminal_is_resized(serving, client):
    terminal = client.attach(ALPHA, "main", Size(80, 24), term="tmux", how=LOOK)
    assert serving.fleet.asked == [(ALPHA, "main", Size(80, 24), "tmux", LOOK)]
    for size in (Size(100, 30), Size(120, 40)):
        terminal.resize(size)
    until(lambda: serving.fleet.sources[-1].resized == [Size(100, 30), Size(120, 40)], "both sizes")
    terminal.close()


def test_all_that_a_program_is_given_arrives(serving, client):
    client.popen(ALPHA, ["a", "b c"], user="u", cwd="/", env=["K=v"]).close()
    client.interactive(PlaceRef("alpha", "c"), [], Size(1, 2), term="t", user="u", cwd="/", env=["K=v"]).close()
    assert serving.fleet.asked == [
        (ALPHA, ("a", "b c"), "u", "/", ("K=v",)),
        (PlaceRef("alpha", "c"), (), Size(1, 2), "t", "u", "/", ("K=v",)),
    ]


@pytest.mark.parametrize("name", sorted(OPENERS))
def test_a_stream_that_can_not_be_opened_says_why(serve, name):
    class Refusing(DemoFleet):
        def refuse(self, *_args, **_options):
            raise TargetError("no such thing", "look again")

        logs = popen = attach = refuse

    serving = serve(Refusing(tick=0))
    with pytest.raises(TargetError, match="no such thing — look again"):
        OPENERS[name](serving.client(start=False))
    until(lambda: serving.connections == 0, "the connection's end")


def test_a_stream_that_breaks_says_why(serving, client):
    stream = client.logs(BOX, LogWindow(follow=True))
    source = serving.fleet.sources[-1]
    source.failure = Unreachable("alpha: the link was lost", "wait")
    source.theirs.sendall(b"some")
    source.end()
    assert stream.recv() == b"some"
    with pytest.raises(Unreachable, match="the link was lost — wait"):
        stream.recv()
    stream.close()


def test_a_program_whose_link_breaks_says_why(serving, client):
    process = client.popen(ALPHA, ["x"])
    source = serving.fleet.sources[-1]
    source.failure = Unreachable("alpha: the link was lost")
    source.end()
    assert process.read() == b""
    with pytest.raises(Unreachable, match="the link was lost"):
        process.wait(SOON)
    process.close()


def test_a_keeper_that_ends_in_the_middle_is_told_of(serving, client):
    stream, terminal, process = (OPENERS[name](client) for name in ("stream", "terminal", "process"))
    serving.server.retire()
    with pytest.raises(Unreachable, match="the keeper ended"):
        stream.recv()
    assert terminal.recv() == b""
    assert terminal.exit_status() is None
    assert process.read() == b""
    assert process.wait(SOON) is None
    for one in (stream, terminal, process):
        one.close()


def test_who_does_not_read_stalls_nobody_else(serving, client):
    """Megabytes wait for one client while the next reads its own to the end, and verbs answer."""
    stalled = client.logs(BOX, LogWindow())
    flood = serving.fleet.sources[-1]
    pushed = [0]

    def push():
        try:
            while pushed[0] < PLENTY:
                pushed[0] += flood.theirs.send(b"x" * 65536)
        except OSError:
            return

    pusher = threading.Thread(target=push)
    pusher.start()
    settled(lambda: pushed[0])  # every buffer on the way is full
    assert 0 < pushed[0] < PLENTY / 4

    other = serving.client()
    assert other.run(ALPHA, ["echo", "hi"]).stdout == b"hi\n"
    stream = other.logs(BOX, LogWindow())
    source = serving.fleet.sources[-1]
    feeder = threading.Thread(target=lambda: (source.theirs.sendall(b"y" * (8 << 20)), source.end()))
    feeder.start()
    assert drained(stream.recv)[1] == 8 << 20
    feeder.join(SOON)
    serving.fleet.step()
    until(lambda: other.snapshots() == serving.fleet.snapshots(), "the next news")
    stalled.close()
    pusher.join(SOON)
    stream.close()


def settled(value):
    """Once it is the same for a while: nothing tells that a writer is blocked."""
    last, same = None, 0
    while same < 10:
        now = value()
        same = same + 1 if now == last else 0
        last = now
        threading.Event().wait(0.02)


def test_who_does_not_read_its_news_stalls_nobody_else(serve):
    """A subscriber that sleeps: the others see every change, and it sees the newest when it wakes."""
    serving = serve(DemoFleet(tick=0))
    from gpuws.keeper.wire.messages import Changed, Subscribe

    sleeper = serving.greeted("sleeper")
    sleeper.send(Subscribe(None))
    client = serving.client()
    for _ in range(200):
        serving.fleet.step()
    until(lambda: client.snapshots() == serving.fleet.snapshots(), "the newest")
    assert client.run(ALPHA, ["echo", "hi"]).stdout == b"hi\n"
    assert serving.dialer().ask(Inquire()).clients == 2
    from gpuws.keeper.wire.deltas import applied

    seen, messages = {}, 0
    newest = {s.name: s for s in serving.fleet.snapshots()}
    while seen != newest:
        message = sleeper.receive(SOON)
        if isinstance(message, Changed):
            messages += 1
            seen[message.host] = applied(seen.get(message.host), message)
    assert messages < 200 * len(newest)
    sleeper.close()


def test_hundreds_of_streams_leave_nothing(serving, client):
    def size():
        return threading.active_count(), len(os.listdir("/proc/self/fd"))  # noqa: PTH208

    def one():
        stream = client.logs(BOX, LogWindow())
        serving.fleet.sources[-1].end()
        while stream.recv():
            pass
        stream.close()
        source = serving.fleet.sources.pop()
        assert source.closed.wait(SOON)
        for sock in (source._ours, source._errors, source.theirs):
            sock.close()

    one()
    until(lambda: serving.connections == 0)
    before = size()
    for _ in range(200):
        one()
    until(lambda: size() <= before, f"{before}, not {size()}")
