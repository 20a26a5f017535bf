"""Frames, and what a broken or hostile client can do to others: nothing."""

import contextlib
import os
import socket
import struct
import threading
import tracemalloc
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpuws.keeper.server import connection
from gpuws.keeper.wire.messages import Call, Cancel, Hello, Inquire, Opened, Reconnect, Subscribe, Watch, Welcome
from gpuws.keeper.wire.typed import client_wire, encode, keeper_wire
from gpuws.model.errors import GpuwsError
from gpuws.quick.endpoint import peer_uid
from gpuws.quick.framing import LARGEST, MOST_DESCRIPTORS, Broken
from gpuws.quick.greeting import PROTOCOL
from tests.keeper.serving import SOON, until

LENGTH = struct.Struct(">I")


@pytest.fixture
def ends():
    """A client's end and the keeper's."""
    one, other = socket.socketpair()
    pair = client_wire(one), keeper_wire(other)
    yield pair
    for end in pair:
        end.close()


@pytest.fixture
def raw():
    """A socket on which a test writes what it likes, and the keeper's end."""
    one, other = socket.socketpair()
    end = keeper_wire(other)
    yield one, end
    one.close()
    end.close()


def framed(message):
    data = encode(message)
    return LENGTH.pack(len(data)) + data


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


def test_messages_arrive_as_they_were_sent(ends):
    client, keeper = ends
    sent = [Hello(1, "0.1.0", "me", True, {"SSH_AUTH_SOCK": "/a"}), Watch(None), Subscribe(("alpha",)), Cancel()]
    for message in sent:
        client.send(message)
    assert [keeper.receive() for _ in sent] == sent


def test_a_frame_may_come_byte_by_byte(raw):
    sock, keeper = raw
    message = Watch("alpha" * 50)

    def trickle():
        for byte in framed(message):
            sock.sendall(bytes([byte]))

    sender = threading.Thread(target=trickle)
    sender.start()
    assert keeper.receive() == message
    sender.join()


def test_a_message_larger_than_any_buffer_arrives(ends):
    client, keeper = ends
    message = Watch("x" * (8 << 20))
    sender = threading.Thread(target=client.send, args=(message,))
    sender.start()
    assert keeper.receive() == message
    sender.join()


def test_what_is_too_large_is_neither_sent_nor_waited_for(raw, ends):
    sock, keeper = raw
    sock.sendall(LENGTH.pack(LARGEST + 1))
    with pytest.raises(Broken, match="too large"):
        keeper.receive()
    with pytest.raises(GpuwsError, match="too large"):
        ends[0].send(Watch("x" * (LARGEST + 1)))
    ends[0].send(Cancel())
    assert ends[1].receive() == Cancel()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0",
        LENGTH.pack(100) + b"half",
        LENGTH.pack(4) + b"\xff\xff\xff\xff",
        LENGTH.pack(0),
        framed(Welcome(1, "0", 1)),  # a keeper's word, not a client's
        LENGTH.pack(2) + b"\x80\x80",
        LENGTH.pack(6) + b"\x81\xa4\x00\x00\x00\x80",  # a name that is no text
        LENGTH.pack(1 << 20) + b"\x91" * (1 << 20),  # nested as deep as it is long
        LENGTH.pack(5) + b"\xdd\xff\xff\xff\xff",  # a list of 4 billion
    ],
    ids=[
        "nothing",
        "half a length",
        "half a frame",
        "garbage",
        "empty",
        "foreign",
        "two",
        "no text",
        "deep",
        "endless",
    ],
)
def test_what_is_no_message_breaks_this_connection(raw, data):
    sock, keeper = raw

    def send():
        with contextlib.suppress(BrokenPipeError):
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)

    sender = threading.Thread(target=send)
    sender.start()
    with pytest.raises(Broken):
        keeper.receive()
    keeper.close()
    sender.join()


def test_what_is_announced_and_does_not_come_takes_no_memory(raw):
    sock, keeper = raw
    sock.sendall(LENGTH.pack(LARGEST) + b"x")
    sock.shutdown(socket.SHUT_WR)
    tracemalloc.start()
    try:
        with pytest.raises(Broken):
            keeper.receive()
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()


@given(st.binary(max_size=300))
def test_random_bytes_give_a_message_or_break(data):
    one, other = socket.socketpair()
    end = keeper_wire(other)
    with one:
        one.sendall(LENGTH.pack(len(data)) + data)
        one.shutdown(socket.SHUT_WR)
        try:
            while True:
                end.receive()
        except Broken:
            pass
        finally:
            end.close()


def test_fields_that_a_newer_side_added_are_passed_over(raw):
    sock, keeper = raw
    data = msgspec.msgpack.encode({"type": "Watch", "host": "alpha", "colour": "red"})
    sock.sendall(LENGTH.pack(len(data)) + data)
    assert keeper.receive() == Watch("alpha")


def test_waiting_for_a_message_can_end_without_one(ends):
    client, keeper = ends
    with pytest.raises(TimeoutError):
        keeper.receive(0.01)
    client.send(Cancel())
    assert keeper.receive(SOON) == Cancel()


def test_closing_frees_whoever_receives_and_whoever_sends(ends):
    client, keeper = ends
    broken = []

    def attempt(work):
        try:
            work()
        except Broken:
            broken.append(work)

    works = [keeper.receive, lambda: client.send(Watch("x" * (8 << 20)))]
    threads = [threading.Thread(target=attempt, args=(works[1],))]
    other, held = socket.socketpair()
    receiving = keeper_wire(held)
    threads.append(threading.Thread(target=attempt, args=(receiving.receive,)))
    for thread in threads:
        thread.start()
    client.close()
    receiving.close()
    for thread in threads:
        thread.join(SOON)
    other.close()
    assert len(broken) == 2


def test_many_threads_send_whole_messages(ends):
    client, keeper = ends
    names = [str(number) * 3000 for number in range(8)]

    def send(name):
        for _ in range(20):
            client.send(Watch(name))

    threads = [threading.Thread(target=send, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    got = [keeper.receive().host for _ in range(160)]
    assert sorted(got) == sorted(names * 20)
    for thread in threads:
        thread.join()


def test_descriptors_travel_beside_their_message(ends):
    client, keeper = ends
    read, write = os.pipe()
    keeper.send(Opened(), (write,))
    keeper.send(Opened())
    os.close(write)
    client.receive()
    (mine,) = client.take_descriptors()
    os.write(mine, b"through")
    assert os.read(read, 10) == b"through"
    client.receive()
    assert client.take_descriptors() == []
    os.close(mine)
    os.close(read)


def test_descriptors_that_nobody_takes_are_closed(ends):
    client, keeper = ends
    read, write = os.pipe()
    before = open_files()
    for _ in range(50):
        keeper.send(Opened(), (write, read))
        client.receive()
    client.close()
    assert open_files() < before
    os.close(read)
    os.close(write)


@pytest.mark.parametrize("count", [3, 100])
def test_more_descriptors_than_any_message_has_break_and_are_closed(raw, count):
    sock, keeper = raw
    before = open_files()
    socket.send_fds(sock, [framed(Cancel())], [sock.fileno()] * count)
    with pytest.raises(Broken):
        keeper.receive()
    keeper.close()
    assert open_files() < before


def test_descriptors_can_not_be_heaped_up_inside_one_message(raw):
    sock, keeper = raw
    frame = framed(Watch("x" * 200))
    try:
        for byte in frame[:100]:
            socket.send_fds(sock, [bytes([byte])], [sock.fileno()] * 2)
        sock.sendall(frame[100:])
    except BrokenPipeError:
        pass
    before = open_files()
    with pytest.raises(Broken):
        keeper.receive()
    assert open_files() - before < 10


def test_the_kernel_says_who_is_there():
    one, other = socket.socketpair()
    with one, other:
        assert peer_uid(one) == os.getuid()


# what it means for a keeper


def works(keeper):
    """Another client is served as ever."""
    assert keeper.dialer().ask(Inquire()).pid == os.getpid()


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        LENGTH.pack(LARGEST) + b"x",
        framed(Inquire()),  # without a hello
        framed(Hello(PROTOCOL, "0", "x")) + framed(Hello(PROTOCOL, "0", "x")),
        framed(Hello(PROTOCOL, "0", "x")) + framed(Cancel()),
        framed(Hello(PROTOCOL, "0", "x")) + framed(Call("no_such_verb")),
        framed(Hello(PROTOCOL, "0", "x")) + framed(Call("close")),
        framed(Hello(PROTOCOL, "0", "x")) + framed(Call("history")),
        framed(Hello(PROTOCOL, "0", "x")) + framed(Call("history", msgspec.Raw(b"\x81\xa4host\x07"))),
        framed(Hello(PROTOCOL, "0", "x")) + framed(Call("history", msgspec.Raw(b"\x81\xa4\x00\x00\x00\x80"))),
        framed(Hello(PROTOCOL, "0", "x")) + framed(Subscribe()) * 2,
    ],
    ids=[
        "http",
        "half",
        "no hello",
        "two hellos",
        "stray",
        "no verb",
        "not a verb",
        "no arguments",
        "wrong argument",
        "no text",
        "twice",
    ],
)
def test_a_client_that_talks_nonsense_ends_with_its_connection(keeper, data, caplog):
    with keeper.raw() as sock:
        sock.settimeout(SOON)
        sock.sendall(data)
        if data.startswith(LENGTH.pack(LARGEST)):
            sock.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            while sock.recv(65536):
                pass
    works(keeper)
    until(lambda: keeper.connections == 0, "the end of its connection")
    assert "fault of the keeper" not in caplog.text


def test_a_client_that_says_nothing_is_sent_away(keeper, monkeypatch):
    monkeypatch.setattr(connection, "PATIENCE", 0.05)
    with keeper.raw() as silent:
        silent.settimeout(SOON)
        assert silent.recv(1) == b""
    works(keeper)


def test_a_client_that_leaves_in_the_middle_of_a_frame_leaves_nothing(keeper):
    files = open_files()
    for _ in range(20):
        with keeper.raw() as sock:
            sock.sendall(framed(Hello(PROTOCOL, "0", "x")) + framed(Watch("alpha"))[:7])
    until(lambda: keeper.connections == 0)
    works(keeper)
    until(lambda: open_files() <= files)


def test_descriptors_sent_to_a_keeper_are_not_kept(keeper):
    wire = keeper.greeted()
    before = open_files()
    for _ in range(50):
        frame = framed(Reconnect("alpha"))
        socket.send_fds(wire.frames._socket, [frame], [0, 1])
    wire.send(Inquire())
    wire.receive(SOON)
    assert open_files() - before < 10
    wire.close()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.binary(max_size=60).map(lambda data: LENGTH.pack(len(data)) + data),
            st.just(framed(Hello(PROTOCOL, "0", "x"))),
            st.sampled_from([Watch("alpha"), Reconnect("nowhere"), Subscribe(("alpha",)), Cancel()]).map(framed),
            st.builds(lambda verb, data: framed(Call(verb, data)), st.sampled_from(["plan", "logs", "popen", "attach"]),
                      st.binary(max_size=20).map(msgspec.msgpack.encode).map(msgspec.Raw)),
        ),
        max_size=6,
    )
)  # fmt: skip
def test_whatever_a_client_sends_others_go_on(keeper, pieces):
    with keeper.raw() as sock:
        for piece in pieces:
            try:
                sock.sendall(piece)
            except OSError:
                break
    works(keeper)


def test_connections_are_bounded_and_come_back(keeper, monkeypatch):
    monkeypatch.setattr("gpuws.keeper.server.server.MOST", 5)
    held = [keeper.greeted(str(number)) for number in range(5)]
    with keeper.raw() as sixth:
        sixth.settimeout(SOON)
        assert sixth.recv(1) == b""
    for one in held:
        one.close()
    until(lambda: keeper.connections == 0)
    works(keeper)


def test_length_is_four_bytes_big_endian():
    assert framed(Cancel())[:4] == struct.pack(">I", len(encode(Cancel())))
    assert MOST_DESCRIPTORS == 2
