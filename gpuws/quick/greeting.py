"""How a client greets the keeper, whatever the versions of both."""

from __future__ import annotations

import os

from gpuws import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PROTOCOL = 4
"""Raised by every change of the messages that an older side could not read."""


def hello(client: str, *, person: bool) -> dict[str, Any]:
    """The first message, `Hello` as the keeper reads it. `client`: the program's own name, the same on all of its
    connections. `person`: somebody is there to answer questions."""
    agent = os.environ.get("SSH_AUTH_SOCK", "")
    return {
        "type": "Hello",
        "protocol": PROTOCOL,
        "version": __version__,
        "client": client,
        "person": person,
        "environ": {"SSH_AUTH_SOCK": agent} if agent else {},
    }
