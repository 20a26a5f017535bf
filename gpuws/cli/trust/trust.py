"""trust: what a shared file does, shown as a difference, and accepted by a person. Needs no network."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

from gpuws.cli.toolkit.confirmation import agree
from gpuws.cli.toolkit.environment import demo_wanted
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.setup import user_paths
from gpuws.model.errors import GpuwsError, Refused
from gpuws.model.text import plain

if TYPE_CHECKING:
    from gpuws.config.trust.accept import Proposals
    from gpuws.model.consent.trust import Proposal

QUESTION = "Accept that it does this?"


def trust_file(options: Options, text: str) -> int:
    """Show what it does that I have not accepted; accept it once a person, or `--yes`, agrees."""
    proposals = _proposals(options)
    proposal = proposals.propose(text)
    if proposal.known and not proposal.lines:
        note(f"{proposal.path} does what you accepted")
    else:
        _show(proposal, sys.stdout)
    if options.dry_run:
        return 0
    if proposal.lines and not options.yes:
        agree(QUESTION, "--yes")
    proposals.accept(proposal.id)
    return 0


def settle_trust(options: Options, profile: str) -> None:
    """Before a profile is used: where it is shared and does what I have not accepted, ask a person at the terminal.

    Declined, or nobody there: what was accepted before is used; Refused where nothing was."""
    if demo_wanted():
        return
    proposals = _proposals(options)
    opened = proposals.store().unsettled(profile)
    if opened is None:
        return
    try:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise Refused(f"{opened.path} {opened.note}", opened.remedy)
        proposal = proposals.propose(str(opened.path))
        _show(proposal, sys.stderr)
        agree(QUESTION, "")
        proposals.accept(proposal.id)
    except GpuwsError:
        opened.needed()
        note(opened.told)


def _proposals(options: Options) -> Proposals:
    from gpuws.fleet.local.assembly import proposals

    return proposals(user_paths(options), os.environ)


def _show(proposal: Proposal, stream: TextIO) -> None:
    lines = [f"{proposal.title}:", *proposal.lines]
    stream.write("".join(f"{plain(line, len(line) + 1)}\n" for line in lines))
    stream.flush()
