"""What is sent of a channel leaves in the order of RFC 4254 §5.3, whichever threads end it."""

import logging
import threading
import time

import paramiko
import pytest
from paramiko.common import (
    MSG_CHANNEL_CLOSE,
    MSG_CHANNEL_DATA,
    MSG_CHANNEL_EOF,
    MSG_CHANNEL_REQUEST,
    MSG_CHANNEL_WINDOW_ADJUST,
)

from gpuws.link.paramiko.channel import SshChannel
from gpuws.link.paramiko.outgoing import Outgoing
from gpuws.link.paramiko.transport import SshTransport
from gpuws.sshserver.channel import ServerChannel
from gpuws.sshserver.transport import ServerTransport


class Wire:
    """A transport below a channel: what is sent, and a turn for somebody else before it is."""

    active = True

    def __init__(self, channel):
        self.sent, self.clear_to_send, self.clear_to_send_lock = [], threading.Event(), threading.Lock()
        self.clear_to_send.set()
        self.before = lambda: None
        self.outgoing = Outgoing(self)
        self.channel = channel
        channel.transport, channel.logger = self, logging.getLogger(__name__)
        channel.remote_chanid, channel.active, channel.out_window_size, channel.out_max_packet_size = 7, True, 999, 999

    def free(self):
        return self.clear_to_send.is_set()

    def _send_message(self, message):
        before, self.before = self.before, lambda: None
        before()
        self.sent.append(message.asbytes()[0])

    def _unlink_channel(self, number):
        """Nobody asks for it again."""


def aside(work):
    """Begin `work` on a thread of its own."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def wait_until(holds):
    """Something that no event tells."""
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture
def channel():
    return SshChannel(1)


@pytest.fixture
def wire(channel):
    return Wire(channel)


def test_no_end_of_file_follows_the_close_that_is_sent_meanwhile(channel, wire):
    wire.before = lambda: aside(lambda: channel._handle_close(None)).join(0.1)
    channel.shutdown_write()
    wait_until(lambda: len(wire.sent) == 2)
    assert wire.sent == [MSG_CHANNEL_EOF, MSG_CHANNEL_CLOSE]


def test_what_waits_for_new_keys_is_overtaken_by_nothing(channel, wire):
    wire.clear_to_send.clear()
    threads = [aside(lambda: channel.send(b"data"))]
    wait_until(lambda: len(wire.outgoing) == 1)
    threads.append(aside(lambda: channel.resize_pty(80, 24)))
    wait_until(lambda: len(wire.outgoing) == 2)
    channel.shutdown_write()  # waits for nothing
    channel.close()
    with pytest.raises(OSError, match="closed"):
        channel.send(b"more")
    with pytest.raises(paramiko.SSHException, match="closed"):
        channel.resize_pty(80, 25)
    assert wire.sent == []
    wire.clear_to_send.set()
    for thread in threads:
        thread.join(5)
    assert wire.sent == [MSG_CHANNEL_DATA, MSG_CHANNEL_REQUEST, MSG_CHANNEL_EOF, MSG_CHANNEL_CLOSE]


def test_what_nobody_waits_for_is_sent_by_whoever_held_it_up(channel, wire):
    """At once: the next turn of the transport may be a tenth of a second away."""
    wire.before = channel.close
    channel.send(b"data")
    assert wire.sent == [MSG_CHANNEL_DATA, MSG_CHANNEL_EOF, MSG_CHANNEL_CLOSE]


def test_a_thread_that_is_interrupted_while_it_waits_holds_up_nobody(channel, wire, monkeypatch):
    wire.clear_to_send.clear()
    monkeypatch.setattr(wire.clear_to_send, "wait", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        channel.send(b"data")
    channel.close()
    wire.clear_to_send.set()
    wire.outgoing.push()
    assert wire.sent == [MSG_CHANNEL_DATA, MSG_CHANNEL_EOF, MSG_CHANNEL_CLOSE]


def test_new_keys_that_never_come_end_the_connection(channel, wire, monkeypatch):
    monkeypatch.setattr("gpuws.link.paramiko.outgoing.KEYS_TIMEOUT", 0.0)
    reasons = []

    def fail(reason):
        wire.active = False
        reasons.append(reason)

    wire.fail = fail
    wire.clear_to_send.clear()
    channel.send(b"data")
    assert reasons == ["the server agreed on no new keys within 0 s"]


def test_no_room_is_told_of_a_channel_that_is_closed(channel, wire):
    """The number may be another channel's by then."""
    channel.in_window_threshold = channel.in_window_sofar = 0
    assert channel._check_add_window(5) == 0
    assert wire.sent == [MSG_CHANNEL_WINDOW_ADJUST]
    checked = paramiko.Channel._check_add_window
    try:
        paramiko.Channel._check_add_window = lambda _, n: (channel.close(), n)[1]
        assert channel._check_add_window(5) == 0
    finally:
        paramiko.Channel._check_add_window = checked
    assert wire.sent == [MSG_CHANNEL_WINDOW_ADJUST, MSG_CHANNEL_EOF, MSG_CHANNEL_CLOSE]


@pytest.mark.parametrize(("transport", "channel"), [(SshTransport, SshChannel), (ServerTransport, ServerChannel)])
def test_each_message_of_a_channel_reaches_what_cures_it(transport, channel):
    """paramiko's own table calls its base class: a method that replaces one of its would never run."""
    for message, handler in paramiko.Transport._channel_handler_table.items():
        assert transport._channel_handler_table[message] is getattr(channel, handler.__name__)
    assert transport._channel_handler_table[MSG_CHANNEL_CLOSE] is not paramiko.Channel._handle_close
