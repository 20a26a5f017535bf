"""What must be asked before a tunnel takes connections from other machines, one rule for screen and shell. Pure."""

from __future__ import annotations

from ipaddress import ip_address

from gpuws.model.consent.confirm import Confirmation


def open_to_others(bind: str) -> bool:
    """Other machines reach it. `bind`: as of a `Tunnel`."""
    return bind != "" and not ip_address(bind).is_loopback


def bind_confirmation(bind: str, place: str, command: str) -> Confirmation | None:
    """Loudly: the way inside ends on the network then, where neither SSH nor gpuws asks who comes. None: on a loopback
    nothing is asked."""
    if not open_to_others(bind):
        return None
    here = "this one" if ip_address(bind).is_unspecified else bind
    lines = (
        f"Any machine that reaches {here} gets in, as you; nobody asks who it is.",
        "On 127.0.0.1, as is usual, only this machine reaches it.",
    )
    return Confirmation(f"OPEN {place} TO OTHER MACHINES?", lines, command, busy=True)
