"""How a client greets the keeper, whatever the versions of both."""

from __future__ import annotations

import os

from gpuws import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PROTOCOL = 6
"""Raised by every change of the messages that an older side could not read."""
ADOPTED = ("SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS")
"""Variables of a client's environment that the keeper takes over: a new login brings a new agent for logins, and a new
bus for notices on the desktop."""


def hello(client: str, *, person: bool) -> dict[str, Any]:
    """The first message, `Hello` as the keeper reads it. `client`: the program's own name, the same on all of its
    connections. `person`: somebody is there to answer questions."""
    return {
        "type": "Hello",
        "protocol": PROTOCOL,
        "version": __version__,
        "client": client,
        "person": person,
        "environ": {name: os.environ[name] for name in ADOPTED if os.environ.get(name)},
    }
