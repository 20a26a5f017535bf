"""The words of a pasted shell line, read and never run: what a shell would put in their place stands as `${NAME}`.

Pure. Texts are as in a profile: `${NAME}` waits for a value, a dollar that would begin one is doubled."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gpuws.model.errors import UsageError
from gpuws.model.text import plain

_CLOSES = {"'": "'", "‘": "'’‘", "‚": "'’‘", '"': '"', "“": '"”“', "”": '"”', "„": '"”“'}
"""What begins a text in quotes, with what may end it: wikis and chats paint them."""
_SINGLE = "'‘‚"
_DASHES = "‐‑‒–—―−"
_PAINTED = re.compile(rf"-?[{_DASHES}]+(?=[A-Za-z])")
_SPACES = " \t\xa0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000"
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"
_AS_SPACES = str.maketrans(dict.fromkeys(_SPACES[2:] + _INVISIBLE, " "))
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DEFAULT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*):?-(.*)\Z", re.DOTALL)
_CONTINUED = re.compile(r"\\(?P<apart>[ \t]*(?:[ \t]#[^\n]*)?)\n(?P<indent>[ \t]*)|[`^](?P<other>[ \t]*)\n[ \t]*")
"""A line that goes on: a shell's mark, with what people leave behind it, PowerShell's and cmd's."""
_GOES_ON = re.compile(rf"\n(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*(?=--?[A-Za-z]|[{_DASHES}]+[A-Za-z])")
"""A next line that begins with an option can't be a command: its mark got lost, or a comment stands between."""
_OPERATOR = re.compile(r"&>>?|\d?>>?&?\d?|<<?<?|\|\|?&?|&&?|;;?|[()]")
_PLACEHOLDER = re.compile(r"<([A-Za-z][\w .:/|-]{0,60})>")
_COMMENT = re.compile(r"#[^\n]*")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}
_IN_DOUBLE = '$`"\\\n'

_SAME = {
    "pwd": "PWD",
    "id -u": "UID",
    "EUID": "UID",
    "id -g": "GID",
    "hostname": "HOSTNAME",
    "whoami": "user",
    "id -un": "user",
    "USER": "user",
    "LOGNAME": "user",
}
"""Programs and variables that say the same; `user` every profile knows: my login there."""


@dataclass(frozen=True, slots=True)
class Word:
    """`text`: as in a profile. `line`: where it begins, from 1."""

    text: str
    line: int


@dataclass(slots=True)
class Words:
    """`expansions`: by the name that stands for it, what a shell would have replaced, as it was written.

    `rest`: what stands behind the command, from the operator that ends it. `last`: the line where it ends."""

    words: list[Word] = field(default_factory=list)
    expansions: dict[str, str] = field(default_factory=dict)
    rest: str = ""
    last: int = 1


class _Variable(str):
    """`${NAME}`, among letters that mean themselves."""

    __slots__ = ()


def one_kind_of_ends(text: str) -> str:
    """With the line ends of Unix."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def plain_spaces(text: str) -> str:
    """As long, with a space for all that looks like one, or like nothing."""
    return text.translate(_AS_SPACES)


def literal(text: str) -> str:
    """A text that means itself, as a profile has it."""
    return _joined([text])


def split(text: str, line: int = 1) -> Words:
    """The words of the command at the start of a text, whose first line is `line`.

    UsageError where quotes or brackets do not end."""
    reader = _Reader(text, line)
    while reader.step():
        pass
    return reader.found


class _Reader:
    """Where it is in a text, and the word that is being read."""

    def __init__(self, text: str, line: int) -> None:
        self.text, self.at, self.first = text, 0, line
        self.found = Words(last=line)
        self.parts: list[str] | None = None
        self.began = 0

    def step(self) -> bool:
        """Read on by one piece; False: the command ends here."""
        if self._goes_on():
            return True
        mark = self.text[self.at : self.at + 1]
        if not mark or mark == "\n" or self._at_operator(mark):
            self._end_word()
            self.found.rest = self.text[self.at :].partition("\n")[0].strip()
            self.found.last = self._line(self.at)
            return False
        if mark in _SPACES or mark in _INVISIBLE:
            self.at += 1
            if mark in _SPACES:
                self._end_word()
        elif mark == "#" and self.parts is None:
            self.at = self._match(_COMMENT).end()
        else:
            self._piece(mark)
        return True

    def _goes_on(self) -> bool:
        """Past a line's end that ends nothing; letters on both sides of it are one word."""
        if match := _CONTINUED.match(self.text, self.at):
            if match["apart"] or match["indent"] or match["other"] is not None:
                self._end_word()
        elif match := _GOES_ON.match(self.text, self.at):
            self._end_word()
        self.at = match.end() if match else self.at
        return match is not None

    def _at_operator(self, mark: str) -> bool:
        """A digit is one in front of `>`, unless it belongs to a word; `<your token>` stands for a value."""
        if (mark.isdigit() and self.parts) or _PLACEHOLDER.match(self.text, self.at):
            return False
        return _OPERATOR.match(self.text, self.at) is not None

    def _piece(self, mark: str) -> None:
        if self.parts is None:
            self.parts, self.began = [], self.at
            if match := _PAINTED.match(self.text, self.at):
                self._painted(match.end())
                return
        if mark == "\\":
            self._take(self.text[self.at + 1 : self.at + 2], 2)
        elif mark == "<":
            match = self._match(_PLACEHOLDER)
            self.at = match.end()
            self._expand(match[0], match[1])
        elif mark in _CLOSES and (mark in "'\"" or not self.parts):
            self._quoted(mark)
        elif mark in "$`":
            self._dollar(mark)
        else:
            self._take(mark)

    def _painted(self, after: int) -> None:
        """One dash stands before a single letter, two before a word, whatever a wiki made of them."""
        one = re.match(r"[A-Za-z](?![A-Za-z-])", self.text[after:])
        self._take("-" if one else "--", 0)
        self.at = after

    def _quoted(self, mark: str) -> None:
        begin = self.at
        self.at += 1
        self._take("", 0)
        while (here := self._here(begin)) not in _CLOSES[mark]:
            behind = self.text[self.at + 1 : self.at + 2]
            if mark in _SINGLE:
                self._take(here)
            elif here == "\\" and behind and behind in _IN_DOUBLE:
                self._take("" if behind == "\n" else behind, 2)
            elif here in "$`":
                self._dollar(here)
            else:
                self._take(here)
        self.at += 1

    def _ansi(self) -> None:
        """`$'…'`."""
        begin = self.at
        self.at += 2
        while (here := self._here(begin)) != "'":
            behind = self.text[self.at + 1 : self.at + 2]
            if here == "\\":
                self._take(_ESCAPES.get(behind, here + behind), 2)
            else:
                self._take(here)
        self.at += 1

    def _here(self, begin: int) -> str:
        if self.at >= len(self.text):
            raise self._open(begin)
        return self.text[self.at]

    def _dollar(self, mark: str) -> None:
        text, begin, behind = self.text, self.at, self.text[self.at + 1 : self.at + 2]
        if mark == "`":
            self.at = self._closing(begin + 1, "", "`")
            self._expand(text[begin : self.at], text[begin + 1 : self.at - 1])
        elif behind == "(":
            self.at = self._closing(begin + 1, "(", ")")
            self._expand(text[begin : self.at], text[begin + 2 : self.at - 1])
        elif behind == "{":
            self.at = self._closing(begin + 1, "{", "}")
            self._braces(text[begin : self.at])
        elif behind == "'":
            self._ansi()
        elif match := _NAME.match(text, begin + 1):
            self.at = match.end()
            self._expand(text[begin : self.at], match[0])
        elif behind and behind in "@*#?$!-0123456789":
            self.at += 2
            self._expand(text[begin : self.at], "arguments")
        else:
            self._take("$")

    def _braces(self, written: str) -> None:
        """Of `${NAME:-default}` the default stands there."""
        match = _DEFAULT.match(written[2:-1])
        if match and not {"$", "`"} & {*match[2]}:
            self._take(match[2].strip("\"'"), 0)
        else:
            self._expand(written, match[1] if match else written[2:-1])

    def _closing(self, begin: int, opens: str, closes: str) -> int:
        """Behind what closes the bracket at `begin`."""
        depth = 0 if opens else 1
        for at in range(begin, len(self.text)):
            depth += (self.text[at] == opens) - (self.text[at] == closes)
            if depth == 0:
                return at + 1
        raise self._open(begin - 1)

    def _expand(self, written: str, meaning: str) -> None:
        meaning = meaning.strip()
        name = _SAME.get(meaning)
        if name is None:
            name = re.sub(r"\W+", "_", meaning, flags=re.ASCII).strip("_")[:40] or "output"
            name = f"_{name}" if name[0].isdigit() or name in ("user", "host", "profile") else name
        if name != "user":
            self.found.expansions.setdefault(name, written)
        self._take(_Variable(f"${{{name}}}"), 0)

    def _take(self, letters: str, count: int = 1) -> None:
        """Letters of the word; `count`: how many of the text they are."""
        self.parts = self.parts or []
        self.parts.append(letters)
        self.at += count

    def _end_word(self) -> None:
        if self.parts is not None:
            self.found.words.append(Word(_joined(self.parts), self._line(self.began)))
            self.parts = None

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self.text, self.at)
        assert match is not None
        return match

    def _line(self, at: int) -> int:
        return self.first + self.text.count("\n", 0, at)

    def _open(self, at: int) -> UsageError:
        shown = plain(self.text[at : at + 40].partition("\n")[0])
        return UsageError(f"line {self._line(at)}: what begins with {shown} does not end", "close the quote or bracket")


def _joined(parts: list[str]) -> str:
    """Letters that mean themselves, so that a profile reads them so, and variables."""
    text, letters = "", ""
    for part in [*parts, _Variable()]:
        if isinstance(part, _Variable):
            means = re.search(r"\$(?=[${])", letters + part[:1])
            text += (letters.replace("$", "$$") if means else letters) + part
            letters = ""
        else:
            letters += part
    return text
