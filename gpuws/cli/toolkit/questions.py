"""Questions of hosts, asked on the terminal itself: stdin and stdout may be files. Another client of the keeper may be
asked the same; whoever answers first ends the question for all."""

from __future__ import annotations

import contextlib
import os
import select
import termios
import threading
from collections.abc import Iterator, Sequence
from io import FileIO
from typing import TYPE_CHECKING

from gpuws.cli.toolkit.failures import note
from gpuws.model.host.question import SAID_COLUMNS, Answer, Question, folded
from gpuws.model.text import plain

if TYPE_CHECKING:
    from gpuws.fleet.looking import Looking

TERMINAL = "/dev/tty"
PATIENCE = 300.0  # seconds after which nobody sits there
_BAR = "  | "


class Silence(Exception):
    """Nobody typed anything."""


class Settled(Exception):
    """Nobody needs an answer any more."""


def ask(question: Question, fleet: Looking | None = None) -> Answer | None:
    """A person's answer; None where there is no terminal, they declined, or `fleet` asks it no longer."""
    if not has_terminal():
        note(f"{question.origin}: {question.text} — no terminal to ask on: connect once with a terminal")
        return None
    if fleet is not None and question not in fleet.questions():
        return None
    with _watched(fleet, question) as settled:
        try:
            return _host_key(question, settled) if question.kind == "host-key" else _secret(question, settled)
        except Settled:
            note(f"{question.origin}: answered elsewhere, or asked no longer")
            return None
        except Silence:
            note(f"{question.origin}: nobody answered")
            return None
        except (EOFError, OSError, termios.error):
            return None


def invited(hosts: Sequence[str], why: str) -> bool:
    """Whether a person here wants to log in to them now, of which each may ask; False without a terminal."""
    if not has_terminal():
        return False
    names = ", ".join(hosts[:3]) + (f" and {len(hosts) - 3} more" if hosts[3:] else "")
    words = f"gpuws: {plain(names)}: {plain(why)}\nPress Enter to log in now, n and Enter to go on without: "
    try:
        return not _line(words, None, echo=True).strip()
    except (Silence, OSError, termios.error):
        return False


def has_terminal() -> bool:
    try:
        os.close(os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _host_key(question: Question, settled: int | None) -> Answer | None:
    reply = _line(_words(question) + "Type yes to trust it: ", settled, echo=True)
    return Answer(True) if reply.strip().lower() == "yes" else None


def _secret(question: Question, settled: int | None) -> Answer | None:
    text = _line(_words(question), settled, echo=question.echo)
    return Answer(True, text) if text else None


def _words(question: Question) -> str:
    lines = [f"gpuws: {plain(question.origin)}: {plain(question.text)}", *(f"  {plain(d)}" for d in question.detail)]
    if question.server:
        return "\n".join([*lines, *_framed(question)]) + " "
    return "\n".join(lines) + ("\n" if question.kind == "host-key" else " ")


def _framed(question: Question) -> Iterator[str]:
    """The server's words, each row behind a bar whatever the terminal's width: none can begin a line as gpuws does."""
    for line in question.said:
        for row in folded(plain(line), max(min(_width() - len(_BAR), SAID_COLUMNS), 8)):
            yield _BAR + row
    yield f"Answer to {plain(question.server)}{'' if question.echo else ', not shown'}:"


def _width() -> int:
    """Columns of the terminal; 80 where it does not say."""
    with contextlib.suppress(OSError), FileIO(os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY)) as terminal:
        return max(os.get_terminal_size(terminal.fileno()).columns, 0) or 80
    return 80


def _line(prompt: str, settled: int | None, *, echo: bool) -> str:
    """What a person types after `prompt`. Settled: `settled` could be read first. Silence: nobody was there."""
    with FileIO(os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY), "r+") as terminal, _mode(terminal, echo=echo):
        terminal.write(prompt.encode())
        typed = terminal.fileno()
        ready, _, _ = select.select([typed] if settled is None else [typed, settled], [], [], PATIENCE)
        if not ready:
            raise Silence
        if typed not in ready:
            terminal.write(b"\n" if echo else b"")
            raise Settled
        return terminal.readline().decode(errors="replace").rstrip("\n")


@contextlib.contextmanager
def _mode(terminal: FileIO, *, echo: bool) -> Iterator[None]:
    """Lines, seen or unseen; the terminal is as it was afterwards. What was typed before and after belongs to no
    question: it is thrown away."""
    before = termios.tcgetattr(terminal)
    mode = [*before]
    mode[3] = mode[3] | termios.ICANON | termios.ECHO if echo else (mode[3] | termios.ICANON) & ~termios.ECHO
    try:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, mode)
        yield
    finally:
        with contextlib.suppress(termios.error, OSError):  # the terminal may be gone
            termios.tcsetattr(terminal, termios.TCSAFLUSH, before)
            if not echo:
                terminal.write(b"\n")


@contextlib.contextmanager
def _watched(fleet: Looking | None, question: Question) -> Iterator[int | None]:
    """A descriptor that can be read once `fleet` does not ask `question` any more; None without a fleet."""
    if fleet is None:
        yield None
        return
    reading, writing = os.pipe()
    lock, told = threading.Lock(), False

    def look(_: object = None) -> None:
        nonlocal told
        with lock:
            if not told and all(one.id != question.id for one in fleet.questions()):
                told = True
                os.write(writing, b".")

    stop = fleet.subscribe(look)
    try:
        look()  # it may have been answered before anybody listened
        yield reading
    finally:
        stop()
        with lock:
            told = True  # a listener that is just being called writes no more
        os.close(reading)
        os.close(writing)
