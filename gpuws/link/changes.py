"""What happens to this machine that ends links, or brings hosts back: another network, and that it slept."""

from __future__ import annotations

import errno
import select
import socket
import sys
import time

from gpuws.link.netlink import Listener

ASLEEP = 10.0  # seconds by which a wait lasts too long: the machine slept, or this program was stopped
SETTLED = 0.3  # seconds of quiet behind a change of the network: addresses and routes come one by one
UNSETTLED = 1.0  # seconds that a network which does not come to rest is waited for


class Changes:
    """For one thread. Networks are noticed on Linux; elsewhere only sleep is."""

    def __init__(self) -> None:
        self._before = time.time()
        self._network: Listener | None = None
        if sys.platform == "linux":
            try:
                self._network = Listener()
            except OSError:  # a sandbox
                self._network = None

    def wait(self, seconds: float) -> bool:
        """So long, or until something has changed. True: it has."""
        changed = self._wait_for_network(seconds)
        # The wall clock goes on while the machine sleeps; the monotonic one may not.
        before, self._before = self._before, time.time()
        return changed or self._before - before - seconds > ASLEEP

    def close(self) -> None:
        if self._network is not None:
            self._network.close()
            self._network = None

    def _wait_for_network(self, seconds: float) -> bool:
        deadline, changed = time.monotonic() + seconds, False
        while (left := deadline - time.monotonic()) > 0:
            if not self._told(left):
                return changed
            if self._heard() and not changed:
                changed, deadline = True, time.monotonic() + UNSETTLED
            if changed:
                deadline = min(deadline, time.monotonic() + SETTLED)
        return changed

    def _told(self, seconds: float) -> bool:
        if self._network is None:
            time.sleep(seconds)
            return False
        poll = select.poll()
        poll.register(self._network.socket, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def _heard(self) -> bool:
        if self._network is None:
            return False
        try:
            return self._network.changed()
        except OSError:
            self.close()
            return False


def address_gone(sock: object) -> bool:
    """The connection is bound to an address that this machine has no more: nothing comes over it again."""
    try:
        if not isinstance(sock, socket.socket) or sock.family not in (socket.AF_INET, socket.AF_INET6):
            return False
        host, _, *scope = sock.getsockname()
        with socket.socket(sock.family, socket.SOCK_STREAM) as trial:
            trial.bind((host, 0, *scope))
    except OSError as error:
        return error.errno == errno.EADDRNOTAVAIL
    return False
