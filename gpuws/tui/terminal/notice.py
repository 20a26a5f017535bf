"""A notice as terminals show it themselves: OSC 9 and OSC 777. Pure."""

from __future__ import annotations

import os
from collections.abc import Mapping

from gpuws.model.text import plain

TITLE = "gpuws"


def osc9(sentence: str, environ: Mapping[str, str] = os.environ) -> str:
    """iTerm2's, which WezTerm, kitty and Windows Terminal know. Behind the name nothing is taken for a progress bar."""
    return _through(f"\x1b]9;{TITLE}: {plain(sentence)}\x07", environ)


def osc777(sentence: str, environ: Mapping[str, str] = os.environ) -> str:
    """urxvt's, which foot and Ghostty know. A `;` would end the text."""
    return _through(f"\x1b]777;notify;{TITLE};{plain(sentence).replace(';', ',')}\x07", environ)


def _through(sequence: str, environ: Mapping[str, str]) -> str:
    """Inside tmux it is passed on, where `allow-passthrough` is on."""
    if not environ.get("TMUX"):
        return sequence
    doubled = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}\x1b\\"
