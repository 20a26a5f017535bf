"""This machine served by gpuws' own SSH server: `python -m tests.sshserver.machine KEY` is a ProxyCommand."""

import os
import sys
from pathlib import Path

from gpuws.link.local.local import LocalLink
from gpuws.model.errors import GpuwsError
from gpuws.model.query.target import Found
from gpuws.sshserver.serve import serve
from gpuws.sshserver.stdio import StdioSocket
from tests.factories import container, snapshot

HIDDEN = "GPUWS_TEST_HIDE"
"""Paths that the place does not have, joined by colons."""

FAULT = 1
"""A port at which the fleet fails as it never should."""


class Machine:
    """As much of a Fleet as a server asks of: real programs, terminals and ports of this machine."""

    def __init__(self):
        self.link = LocalLink()
        self.users = []

    def popen(self, place, argv, *, user=None, env=()):
        self.users.append(user)
        if user == "fault":
            raise ValueError("nobody thought of that")
        if user == "nobody-there":
            raise GpuwsError("no user of that name", "ask for one that is there")
        return self.link.popen(["/usr/bin/env", *env, *self._without(argv)])

    def interactive(self, place, argv, size, *, term, user=None, env=()):
        return self.link.interactive(["/usr/bin/env", *env, f"TERM={term}", *(argv or ["/bin/sh"])], size, term=term)

    def dial_port(self, place, port):
        if port == FAULT:
            raise ValueError("nobody thought of that")
        return self.link.dial_tcp("127.0.0.1", port)

    def _without(self, argv):
        hidden = filter(None, os.environ.get(HIDDEN, "").split(":"))
        for path in hidden:
            argv = [word.replace(path, "/nowhere") for word in argv]
        return argv


def found():
    return Found(snapshot(), container(), None)


if __name__ == "__main__":
    serve(StdioSocket(os.dup(0), os.dup(1)), Path(sys.argv[1]), Machine(), found)
