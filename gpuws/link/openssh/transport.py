"""SSH's channels over the control socket of a running ssh: its proxy mode hands messages on as they are, unencrypted,
and gives each connection channels of its own (OpenSSH's PROTOCOL.mux)."""

from __future__ import annotations

import socket
import struct
import sys
import time

from paramiko import Message, SSHException
from paramiko.common import cMSG_CHANNEL_CLOSE, cMSG_CHANNEL_OPEN

from gpuws.link.paramiko.outgoing import FAILURES
from gpuws.link.paramiko.transport import LARGEST_PACKET, LONGEST_PACKET, SshPacketizer, SshTransport

HEAD = 6  # bytes before a message's fields: its length, no padding, its kind
REST = 300.0  # seconds without a trial channel after one was refused
MOST_REFUSALS = 5000  # ssh forgets no channel that was refused, and ends at ten thousand


class ProxyPacketizer(SshPacketizer):
    """Neither cipher nor padding."""

    def _build_packet(self, payload: bytes) -> bytes:
        return struct.pack(">IB", len(payload) + 1, 0) + payload

    def read_message(self) -> tuple[int, Message]:
        size, _, kind = struct.unpack(">IBB", self.read_all(HEAD))
        if not 2 <= size <= LONGEST_PACKET:
            raise SSHException(f"a packet of {size} bytes")
        told = Message(self.read_all(size - 2))
        self.heard = time.monotonic()
        self.packets += 1
        self.turn()
        return kind, told


class ProxyTransport(SshTransport):
    """One connection to a master. Keys are exchanged, and somebody is logged in: ssh has done it."""

    packetizer: ProxyPacketizer
    packetizer_class = ProxyPacketizer

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock)
        self.sys = sys  # as paramiko's `run` sets it
        self.active = self.authenticated = self.initial_kex_done = True
        self.clear_to_send.set()
        self.refusals = 0
        self._trials: dict[int, float] = {}
        self._trial_wanted = False
        self._resting = 0.0
        self.start()

    @property
    def worn(self) -> bool:
        """So many channels were refused that the ssh should be asked for no more that may be."""
        return self.refusals >= MOST_REFUSALS

    def run(self) -> None:
        try:
            while self.active:
                self._heed(*self.packetizer.read_message())
        except FAILURES as error:
            self.saved_exception = error
        finally:
            for channel in list(self._channels.values()):
                channel._unlink()
            self.active = False
            self.packetizer.close()
            self.sock.close()
            self._end()

    def _heed(self, kind: int, told: Message) -> None:
        if kind in self._handler_table:
            self._handler_table[kind](told)
        elif kind in self._channel_handler_table:
            channel = self._channels.get(told.get_int())
            if channel is not None:  # else one that was closed here, or a trial
                self._channel_handler_table[kind](channel, told)

    # liveness

    def ping(self) -> None:
        self._trial_wanted = True

    def _turn(self) -> None:
        super()._turn()
        if self._trial_wanted:
            self._trial_wanted = False
            self._try()

    def _try(self) -> None:
        """A session that is opened and closed again is a round trip: neither a program runs for it, nor is it logged.
        Where the server opens no more of them ssh's own questions (ServerAliveInterval) have to do."""
        now = time.monotonic()
        if now < self._resting:
            self.packetizer.heard = now
            return
        with self.lock:
            number = self._next_channel()
        self._trials[number] = now
        request = Message()
        request.add_byte(cMSG_CHANNEL_OPEN)
        request.add_string("session")
        for field in (number, 1 << 21, LARGEST_PACKET):
            request.add_int(field)
        self._send_user_message(request)

    def _parse_channel_open_success(self, m: Message) -> None:
        if not self._answered(m):
            super()._parse_channel_open_success(m)
            return
        m.get_int()
        end = Message()
        end.add_byte(cMSG_CHANNEL_CLOSE)
        end.add_int(m.get_int())
        self._send_user_message(end)

    def _parse_channel_open_failure(self, m: Message) -> None:
        self.refusals += 1
        if self._answered(m):
            self._resting = time.monotonic() + REST
        else:
            super()._parse_channel_open_failure(m)

    def _answered(self, m: Message) -> bool:
        """Whether it is the answer to a trial; `m` stands at its begin afterwards."""
        asked = self._trials.pop(m.get_int(), None)
        m.rewind()
        if asked is None:
            return False
        self.latency = time.monotonic() - asked
        return True
