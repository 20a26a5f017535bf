"""The relay's far side: makes the connections it is told to, and carries their bytes over its stdin and stdout.

It ends with its stdin, and when nothing came for the time of its lease."""

import collections
import os
import selectors
import signal
import socket
import struct
import threading
import time

from .frames import (
    AMOUNT, CLOSE, CREDIT, DATA, END, FAR_WINDOW, HEAD, NEAR_WINDOW, OPEN, OPENED, Frames, Malformed, head,
)  # fmt: skip

CHUNK = 1 << 18  # bytes read at once
FULL = 1 << 20  # bytes that wait for stdout: nothing more is read from connections
PIPE = 1 << 20  # bytes of a pipe, where the system gives as much: each fill of one is a wake of the other side
SET_PIPE_SIZE = 1031  # Linux's F_SETPIPE_SZ, which Python knows by name from 3.10 on
TIMEOUT = 10.0  # seconds to connect
MOST = 512  # connections at once
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset
AT_ONCE = 64  # pieces given to the system in one call


class Connection(object):
    """`credit`: bytes that may still be sent to the near side. `owed`: those it may send more, and was not told of.

    `near_ended`, `far_ended`: no more comes from there; `told`: the peer knows that of the near side."""

    def __init__(self, number, sock):
        self.number, self.sock = number, sock
        self.credit, self.owed = NEAR_WINDOW, 0
        self.waiting = collections.deque()
        self.near_ended = self.far_ended = self.told = self.deaf = False
        self.watched = 0


class Relay(object):
    def __init__(self, reading, writing, lease):
        self.reading, self.writing, self.lease = reading, writing, lease
        self.over = False
        self.heard = time.monotonic()
        self.frames = Frames()
        self.open, self.opening = {}, set()
        self.made = collections.deque()  # what the connecting threads have to say
        self.out, self.unsent, self.blocked = collections.deque(), 0, False
        self.held = set()  # connections that are not read while stdout is full
        self.wake, self.waker = os.pipe()
        self.selector = selectors.DefaultSelector()
        for descriptor in (reading, writing, self.wake, self.waker):
            os.set_blocking(descriptor, False)

    def run(self):
        self.selector.register(self.reading, selectors.EVENT_READ, self.read_near)
        self.selector.register(self.wake, selectors.EVENT_READ, self.take_made)
        while not self.over:
            left = self.heard + self.lease - time.monotonic()
            if left <= 0:
                return
            for key, events in self.selector.select(left):
                if callable(key.data):
                    key.data()
                elif key.data.number in self.open:
                    self.turn(key.data, events)
            self.flush()

    # the near side

    def read_near(self):
        try:
            data = os.read(self.reading, CHUNK)
        except BlockingIOError:
            return
        if not data:
            self.over = True
            return
        self.heard = time.monotonic()
        for kind, number, payload in self.frames.feed(data):
            if kind == OPEN:
                self.start(number, payload)
            elif kind == CLOSE:
                self.opening.discard(number)
                self.drop(self.open.get(number))
            elif number in self.open:
                self.hear(self.open[number], kind, payload)

    def hear(self, connection, kind, payload):
        if kind == DATA:
            connection.waiting.append(payload)
        elif kind == END:
            connection.near_ended = True
        elif kind == CREDIT:
            connection.credit += AMOUNT.unpack(payload)[0]
        self.push(connection)

    def send(self, kind, number, payload=b""):
        self.out.append(head(kind, number, len(payload)))
        if payload:
            self.out.append(payload)
        self.unsent += HEAD.size + len(payload)

    def flush(self):
        try:
            while self.out:
                self.sent(os.writev(self.writing, [self.out[at] for at in range(min(AT_ONCE, len(self.out)))]))
        except BlockingIOError:
            pass
        except OSError:
            self.over = True
        if self.blocked != bool(self.out):
            self.blocked = bool(self.out)
            if self.blocked:
                self.selector.register(self.writing, selectors.EVENT_WRITE, self.flush)
            else:
                self.selector.unregister(self.writing)
        if self.held and self.unsent < FULL // 2:
            held, self.held = self.held, set()
            for connection in held:
                self.watch(connection)

    def sent(self, size):
        self.unsent -= size
        while size:
            first = self.out[0]
            if size < len(first):
                self.out[0] = memoryview(first)[size:]
                return
            size -= len(first)
            self.out.popleft()

    # connecting, each in a thread of its own: names are looked up, and hosts may not answer

    def start(self, number, target):
        if len(self.open) + len(self.opening) >= MOST:
            self.send(CLOSE, number, b"more than %d connections at once" % MOST)
            return
        self.opening.add(number)
        threading.Thread(target=self.connect, args=(number, target), daemon=True).start()

    def connect(self, number, target):
        try:
            made = (number, connected(target.decode()), "")
        except (OSError, ValueError) as error:
            made = (number, None, getattr(error, "strerror", None) or str(error) or "no answer in time")
        self.made.append(made)
        try:
            os.write(self.waker, b"x")
        except BlockingIOError:
            pass  # it is awake

    def take_made(self):
        os.read(self.wake, CHUNK)
        while self.made:
            number, sock, problem = self.made.popleft()
            wanted = number in self.opening
            self.opening.discard(number)
            if sock is None:
                if wanted:
                    self.send(CLOSE, number, problem.encode("utf-8", "replace")[:1000])
            elif wanted:
                self.open[number] = Connection(number, sock)
                self.send(OPENED, number)
                self.watch(self.open[number])
            else:
                sock.close()

    # connections

    def turn(self, connection, events):
        if events & selectors.EVENT_WRITE:
            self.push(connection)
        if events & selectors.EVENT_READ and connection.number in self.open:
            self.pull(connection)

    def push(self, connection):
        """Near → peer. One that takes no more is read on: what it has sent still comes."""
        try:
            while connection.waiting:
                first = connection.waiting[0]
                sent = len(first) if connection.deaf else connection.sock.send(first)
                self.owe(connection, sent)
                if sent < len(first):
                    connection.waiting[0] = memoryview(first)[sent:]
                    break
                connection.waiting.popleft()
            if connection.near_ended and not connection.waiting and not connection.told:
                connection.told = True
                connection.sock.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            pass
        except OSError:
            connection.deaf = True
            self.push(connection)
            return
        self.settle(connection)

    def owe(self, connection, size):
        connection.owed += size
        if connection.owed >= FAR_WINDOW // 4:
            self.send(CREDIT, connection.number, AMOUNT.pack(connection.owed))
            connection.owed = 0

    def pull(self, connection):
        """Peer → near."""
        if not connection.credit:
            return
        if self.unsent >= FULL:
            self.held.add(connection)
            self.watch(connection)
            return
        try:
            data = connection.sock.recv(min(connection.credit, CHUNK))
        except BlockingIOError:
            return
        except OSError as error:
            self.send(CLOSE, connection.number, (error.strerror or str(error)).encode("utf-8", "replace"))
            self.drop(connection)
            return
        if data:
            connection.credit -= len(data)
            self.send(DATA, connection.number, data)
        else:
            connection.far_ended = True
            self.send(END, connection.number)
        self.settle(connection)

    def settle(self, connection):
        """After something has changed: it is over, or other things are waited for."""
        if connection.far_ended and connection.told:
            self.forget(connection)
            connection.sock.close()
        else:
            self.watch(connection)

    def drop(self, connection):
        """End it before its time, and have the peer see that."""
        if connection is None:
            return
        self.forget(connection)
        try:
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        except OSError:
            pass
        connection.sock.close()

    def forget(self, connection):
        del self.open[connection.number]
        self.held.discard(connection)
        self.interest(connection, 0)

    def watch(self, connection):
        if connection.number not in self.open:
            return
        reads = not connection.far_ended and connection.credit > 0 and connection not in self.held
        events = (selectors.EVENT_READ if reads else 0) | (selectors.EVENT_WRITE if connection.waiting else 0)
        self.interest(connection, events)

    def interest(self, connection, events):
        before, connection.watched = connection.watched, events
        if before == events:
            return
        if not before:
            self.selector.register(connection.sock, events, connection)
        elif not events:
            self.selector.unregister(connection.sock)
        else:
            self.selector.modify(connection.sock, events, connection)


def connected(target):
    """A socket that is connected to it; it does not block."""
    if target.startswith("/"):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(TIMEOUT)
        sock.connect(target)
    else:
        host, _, port = target.partition("\n")
        sock = socket.create_connection((host, int(port)), TIMEOUT)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setblocking(False)
    return sock


def widen(descriptor):
    import fcntl

    try:
        fcntl.fcntl(descriptor, SET_PIPE_SIZE, PIPE)
    except (OSError, ValueError):
        pass  # no pipe, or no Linux


def main(lease):
    """Until the near side is gone."""
    os.chdir("/")  # hold no directory
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for descriptor in (0, 1):
        widen(descriptor)
    try:
        Relay(0, 1, lease).run()
    except Malformed:
        pass
    finally:
        os._exit(0)  # a thread that still connects keeps nobody here
