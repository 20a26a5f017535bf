"""A client that asks for what no client asks for, over a socket in this process: the server refuses, and lives on."""

import contextlib
import logging
import socket
import threading
import time

import paramiko
import pytest
from paramiko import Message
from paramiko.common import cMSG_CHANNEL_DATA, cMSG_CHANNEL_REQUEST

from gpuws.model.errors import GpuwsError
from gpuws.model.ssh_alias import OWN_USER
from gpuws.sshserver.host_key import made_key
from gpuws.sshserver.program import NO_SFTP
from gpuws.sshserver.serve import serve
from gpuws.sshserver.session import MOST_SIGNALS
from gpuws.sshserver.stdio import StdioSocket
from gpuws.sshserver.transport import MOST_CHANNELS, WINDOW
from tests.sshserver.machine import FAULT, HIDDEN, Machine, found


class Served:
    """A client of a server in a thread; `machine` is where it leads."""

    def __init__(self, directory):
        made_key(directory / "key")
        ours, theirs = socket.socketpair()
        fd = theirs.detach()
        self.machine = Machine()
        self.thread = threading.Thread(
            target=serve, args=(StdioSocket(fd, fd), directory / "key", self.machine, found), daemon=True
        )
        self.thread.start()
        self.client = paramiko.Transport(ours)
        self.client.start_client(timeout=10)

    def enter(self, login=OWN_USER):
        self.client.auth_none(login)
        return self

    def say(self, command):
        """What a program answers: the server still serves."""
        channel = self.client.open_session(timeout=10)
        channel.settimeout(10)
        channel.exec_command(command)
        return b"".join(iter(lambda: channel.recv(1024), b"")), channel.recv_exit_status()

    def close(self):
        self.client.close()
        self.thread.join(10)
        assert not self.thread.is_alive()


@pytest.fixture
def served(tmp_path):
    server = Served(tmp_path)
    yield server
    server.close()


def raw(channel, *fields):
    """A packet as it stands."""
    message = Message()
    for field in fields:
        if isinstance(field, bool):
            message.add_boolean(field)
        elif isinstance(field, int):
            message.add_int(field)
        elif isinstance(field, bytes):
            message.add_bytes(field)
        else:
            message.add_string(field)
    channel.transport._send_user_message(message)


def request(channel, kind, *fields, answered=False):
    raw(channel, cMSG_CHANNEL_REQUEST, channel.remote_chanid, kind, answered, *fields)


def raw_bytes(data):
    """As a string of the protocol, which paramiko would want to be text."""
    return len(data).to_bytes(4, "big") + data


def until(rule, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not rule():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_nothing_is_opened_before_the_login(served):
    with pytest.raises(paramiko.SSHException):
        served.client.open_session(timeout=5)
    assert served.enter().say("echo in") == (b"in\n", 0)


def test_any_key_lets_in_as_none_does(served):
    served.client.auth_publickey(OWN_USER, paramiko.RSAKey.generate(2048))
    assert served.say("echo in") == (b"in\n", 0)


def test_another_users_name_is_a_user_of_the_workspace(served):
    channel = served.enter("nobody-there").client.open_session(timeout=10)
    channel.exec_command("true")
    assert channel.recv_exit_status() == 255
    assert channel.recv_stderr(200) == b"gpuws: no user of that name \xe2\x80\x94 ask for one that is there\r\n"


def test_without_sftp_and_python_a_sentence_says_what_does_without(served, monkeypatch):
    monkeypatch.setenv(HIDDEN, "/usr/lib:python3 python ")
    channel = served.enter().client.open_session(timeout=10)
    channel.invoke_subsystem("sftp")
    assert channel.recv_exit_status() == NO_SFTP
    assert b"neither an sftp-server nor Python: scp -O and gpuws cp do without" in channel.recv_stderr(1000)


@pytest.mark.parametrize(
    ("host", "code", "reason"),
    [("127.0.0.1", 2, "can't be reached"), ("192.0.2.1", 1, "only ports of the workspace itself"),
     ("localhost.evil.example", 1, "only ports"), ("127.0.0.2", 1, "only ports"), ("", 1, "only ports")],
)  # fmt: skip
def test_no_other_place_is_dialled_and_the_reason_is_told(served, caplog, host, code, reason):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    logging.getLogger("paramiko").addHandler(caplog.handler)
    served.enter()
    with pytest.raises(paramiko.ChannelException) as refused:
        served.client.open_channel("direct-tcpip", (host, port), ("127.0.0.1", 1), timeout=10)
    logging.getLogger("paramiko").removeHandler(caplog.handler)
    assert refused.value.code == code
    assert reason in caplog.text


def test_a_flood_of_channels_is_refused_at_a_bound_and_served_again_afterwards(served):
    served.enter()
    opened = [served.client.open_session(timeout=10) for _ in range(MOST_CHANNELS)]
    with pytest.raises(paramiko.ChannelException) as refused:
        served.client.open_session(timeout=10)
    assert refused.value.code == 4  # resource shortage
    for channel in opened:
        channel.close()
    until(lambda: _has_room(served))
    assert served.say("echo again") == (b"again\n", 0)


def _has_room(served):
    try:
        served.client.open_session(timeout=10).close()
    except paramiko.ChannelException:
        return False
    return True


@pytest.mark.parametrize(
    "kind", ["x11", "forwarded-tcpip", "auth-agent@openssh.com", "direct-streamlocal@openssh.com", "tun@openssh.com"]
)
def test_other_kinds_of_channels_are_unknown(served, kind):
    served.enter()
    with pytest.raises(paramiko.ChannelException) as refused:
        served.client.open_channel(kind, ("127.0.0.1", 1), ("127.0.0.1", 1), timeout=10)
    assert refused.value.code == 3
    assert served.say("echo on") == (b"on\n", 0)


def test_a_second_program_on_a_channel_and_requests_that_make_no_sense_are_refused(served):
    served.enter()
    channel = served.client.open_session(timeout=10)
    channel.exec_command("read line; echo $line")
    for kind, fields in (("exec", ["echo twice"]), ("shell", []), ("subsystem", ["sftp"]), ("env", ["LANG", "C"]),
                         ("pty-req", ["xterm", 1 << 31, 0, 0, 0, ""]), ("window-change", [0, 0, 0, 0]), ("", []),
                         ("signal", ["NONSENSE"]), ("x11-req", []), ("auth-agent-req@openssh.com", []),
                         ("exec", [""]), ("env", []), ("pty-req", []), ("window-change", []), ("signal", []),
                         ("exit-status", [1]), ("x" * 30_000, [])):  # fmt: skip
        request(channel, kind, *fields)
    channel.sendall(b"once\n")
    assert channel.recv(100) == b"once\n"
    assert channel.recv_exit_status() == 0


def test_channels_that_are_closed_while_their_programs_start_count_until_they_are_over(served):
    """Else each of ten thousand would hold a thread and a session of the host."""
    may_begin, started = threading.Event(), []

    def slow(place, argv, **how):
        started.append(argv)
        may_begin.wait(10)
        raise GpuwsError("it is gone")

    begin, served.machine.popen = served.machine.popen, slow
    served.enter()
    for _ in range(MOST_CHANNELS):
        channel = served.client.open_session(timeout=10)
        request(channel, "exec", "true")
        channel.close()
    until(lambda: len(started) == MOST_CHANNELS)
    with pytest.raises(paramiko.ChannelException):
        served.client.open_session(timeout=10)
    may_begin.set()
    until(lambda: _has_room(served))
    served.machine.popen = begin
    assert served.say("echo again") == (b"again\n", 0)


def test_a_flood_of_signals_starts_a_few_programs_only(served):
    served.enter()
    channel = served.client.open_session(timeout=10)
    channel.exec_command("echo on; exec sleep 30")
    assert channel.recv(10) == b"on\n"
    may_end, sent = threading.Event(), []

    def slow(place, argv, **how):
        sent.append(argv)
        may_end.wait(10)
        raise GpuwsError("it is gone")

    served.machine.popen = slow
    for _ in range(1000):
        request(channel, "signal", "USR1")
    request(channel, "window-change", 0, 0, 0, 0, answered=True)  # its answer is behind them
    with contextlib.suppress(paramiko.SSHException):
        channel.event.wait(10)
    may_end.set()
    assert 0 < len(sent) <= MOST_SIGNALS


def test_the_words_of_a_host_steer_no_terminal(served):
    def fail(*_, **__):
        raise GpuwsError("no room \x1b]0;evil\x07 there", "make some")

    served.machine.popen = fail
    served.enter()
    channel = served.client.open_session(timeout=10)
    channel.exec_command("true")
    assert channel.recv_exit_status() == 255
    assert channel.recv_stderr(1000) == b"gpuws: no room  ]0;evil  there \xe2\x80\x94 make some\r\n"


def test_an_agent_is_refused_in_a_sentence_and_the_program_runs(served):
    served.enter()
    channel = served.client.open_session(timeout=10)
    request(channel, "auth-agent-req@openssh.com")
    channel.exec_command("echo ${SSH_AUTH_SOCK:-none}")
    assert channel.recv(100) == b"none\n"
    assert channel.recv_stderr(100) == b"gpuws: the agent is not forwarded\r\n"


def test_bytes_that_are_no_text_reach_the_program_and_end_nothing_as_a_variable(served):
    served.enter()
    channel = served.client.open_session(timeout=10)
    request(channel, "env", "LC_NAME", raw_bytes(b"\xff"))
    request(channel, "exec", raw_bytes(b"printf %s '\xff\\0101\xc3\xbc' | od -An -tx1"))
    assert channel.recv(100).split() == [b"ff", *(b"%02x" % byte for byte in b"\\0101"), b"c3", b"bc"]


def test_what_says_why_no_program_began_is_no_output_of_one(served):
    begin = served.machine.popen
    served.machine.popen = lambda place, argv, **how: begin(place, ["sh", "-c", "echo no such user; exit 126"])
    served.enter()
    channel = served.client.open_session(timeout=10)
    channel.exec_command("true")
    assert (channel.recv_exit_status(), channel.recv(100)) == (126, b"")
    assert channel.recv_stderr(100) == b"no such user\n"


def test_a_command_that_holds_a_zero_byte_is_none(served):
    served.enter()
    channel = served.client.open_session(timeout=10)
    with pytest.raises(paramiko.SSHException):
        channel.exec_command("echo one\0; echo two")
    assert served.say("echo on") == (b"on\n", 0)


@pytest.mark.parametrize(("window", "packet"), [(0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0), (0xFFFFFFFF, 1)])
def test_a_window_without_end_is_filled_as_any_other(served, window, packet):
    served.enter()
    served.client._sanitize_window_size = lambda _: window
    served.client._sanitize_packet_size = lambda _: packet
    opened = served.client.open_session(timeout=10)
    opened.exec_command("head -c 3000000 /dev/zero")
    assert sum(map(len, iter(lambda: opened.recv(1 << 16), b""))) == 3_000_000


def test_who_ignores_the_window_loses_the_channel_only(served):
    served.enter()
    channel = served.client.open_session(timeout=10)
    channel.exec_command("sleep 30")
    for _ in range(3 * WINDOW // (1 << 15) + 200):  # what the pipe takes comes on top
        with contextlib.suppress(OSError):
            raw(channel, cMSG_CHANNEL_DATA, channel.remote_chanid, "x" * (1 << 15))
    until(lambda: channel.closed)
    assert served.say("echo on") == (b"on\n", 0)


def test_a_program_that_reads_nothing_does_not_hold_its_channels_end_up(served):
    served.enter()
    channel = served.client.open_session(timeout=10)
    channel.exec_command("echo on; exec sleep 30")
    assert channel.recv(10) == b"on\n"
    threading.Thread(target=_fill, args=(channel,), daemon=True).start()
    channel.close()
    assert served.say("echo on") == (b"on\n", 0)


def _fill(channel):
    with contextlib.suppress(OSError, paramiko.SSHException):
        channel.sendall(b"x" * (WINDOW // 2))


def test_signals_reach_the_program_and_its_children(served):
    served.enter()
    channel = served.client.open_session(timeout=10)
    channel.exec_command("trap 'echo caught; exit 5' USR1; echo ready; while :; do sleep 0.05; done")
    assert channel.recv(10) == b"ready\n"
    request(channel, "signal", "USR1")
    assert channel.recv(10) == b"caught\n"
    assert channel.recv_exit_status() == 5
    gone = served.client.open_session(timeout=10)
    gone.exec_command("echo ready; sleep 60; echo never")
    assert gone.recv(10) == b"ready\n"
    request(gone, "signal", "TERM")
    assert gone.recv_exit_status() == 128 + 15


def test_a_half_close_ends_the_input_and_not_the_program(served):
    served.enter()
    channel = served.client.open_session(timeout=10)
    channel.exec_command("cat; sleep 0.1; echo more")
    channel.sendall(b"some ")
    channel.shutdown_write()
    assert b"".join(iter(lambda: channel.recv(100), b"")) == b"some more\n"


def test_output_that_nobody_reads_stalls_its_own_program_only(served):
    served.enter()
    stalled = served.client.open_session(timeout=10)
    stalled.exec_command("cat /dev/zero")
    assert served.say("echo on") == (b"on\n", 0)
    stalled.close()
    assert served.say("echo on") == (b"on\n", 0)


def test_a_fault_of_ours_ends_what_it_befell_and_nothing_else(tmp_path):
    with contextlib.closing(Served(tmp_path).enter("fault")) as served:
        channel = served.client.open_session(timeout=10)
        channel.settimeout(10)
        channel.exec_command("true")
        assert channel.recv_exit_status() == 255
        assert channel.recv_stderr(1000) == b"gpuws: a bug in gpuws: ValueError: nobody thought of that\r\n"
        with pytest.raises(paramiko.ChannelException) as refused:
            served.client.open_channel("direct-tcpip", ("127.0.0.1", FAULT), ("127.0.0.1", 1), timeout=10)
        assert refused.value.code == 2
        assert served.client.is_active()


def test_keys_are_changed_in_the_middle(served):
    served.enter()
    channel = served.client.open_session(timeout=10)
    channel.exec_command("cat")
    for _ in range(3):
        channel.sendall(b"x" * 100_000)
        served.client.renegotiate_keys()
    channel.shutdown_write()
    assert len(b"".join(iter(lambda: channel.recv(1 << 16), b""))) == 300_000
    assert channel.recv_exit_status() == 0


@pytest.mark.parametrize(
    ("data", "ends"),
    [(b"", True), (b"GET / HTTP/1.1\r\n\r\n", True), (b"SSH-2.0-x\r\n" + b"\xff" * 100, True), (b"\0" * 70_000, True),
     (b"SSH-2.0-x\r\n\x7f\xff\xff\xf4" + bytes(100), False)],
    ids=["nothing", "HTTP", "noise", "zeros", "a packet of 2 GB"],
)  # fmt: skip
def test_who_speaks_no_ssh_is_left(tmp_path, data, ends):
    made_key(tmp_path / "key")
    ours, theirs = socket.socketpair()
    fd = theirs.detach()
    thread = threading.Thread(target=serve, args=(StdioSocket(fd, fd), tmp_path / "key", Machine(), found), daemon=True)
    thread.start()
    with contextlib.suppress(OSError):
        ours.sendall(data)
    if ends:
        ours.shutdown(socket.SHUT_WR)
    thread.join(10)
    assert not thread.is_alive()
