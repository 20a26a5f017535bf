"""Questions of hosts, asked on the terminal itself: stdin and stdout may be files."""

from __future__ import annotations

import getpass
import os

from gpuws.cli.failures import note
from gpuws.model.question import Answer, Question
from gpuws.model.text import plain

TERMINAL = "/dev/tty"


def ask(question: Question) -> Answer | None:
    """A person's answer; None where there is no terminal, or they declined."""
    if not has_terminal():
        note(f"{question.origin}: {question.text} — no terminal to ask on: connect once with a terminal")
        return None
    try:
        return _host_key(question) if question.kind == "host-key" else _secret(question)
    except (EOFError, OSError):
        return None


def has_terminal() -> bool:
    try:
        os.close(os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _host_key(question: Question) -> Answer | None:
    reply = _line(_words(question) + "Type yes to trust it: ")
    return Answer(True) if reply.strip().lower() == "yes" else None


def _secret(question: Question) -> Answer | None:
    prompt = _words(question)
    text = _line(prompt) if question.echo else getpass.getpass(prompt)
    return Answer(True, text) if text else None


def _words(question: Question) -> str:
    lines = [f"gpuws: {plain(question.origin)}: {plain(question.text)}", *(f"  {plain(d)}" for d in question.detail)]
    return "\n".join(lines) + ("\n" if question.kind == "host-key" else " ")


def _line(prompt: str) -> str:
    with open(TERMINAL, "r+b", buffering=0) as terminal:  # noqa: PTH123 - a device
        terminal.write(prompt.encode())
        return terminal.readline().decode(errors="replace").rstrip("\n")
