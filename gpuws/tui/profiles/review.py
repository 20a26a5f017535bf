"""What a shared profile does, as it is read now, and its acceptance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gpuws.model.text import plain
from gpuws.model.trust import Proposal
from gpuws.tui.widgets.dialog import Dialog


def review(screen: Dialog[Any], name: str, then: Callable[[], None]) -> None:
    """Shown over `screen` while that is there; `then` once it was accepted."""
    app = screen.app

    def show(proposal: Proposal) -> None:
        from gpuws.tui.screens.trust import TrustScreen

        if proposal.known and not proposal.lines:
            app.say(f"{plain(name)} does what you accepted")
        elif screen.is_running:
            app.push_screen(TrustScreen(proposal), lambda yes: accept(proposal.id) if yes else None)

    def accept(proposal_id: str) -> None:
        app.verbs.run("accept", lambda: app.fleet.accept(proposal_id), lambda _: then())

    app.verbs.run("read", lambda: app.fleet.propose(name), show)
