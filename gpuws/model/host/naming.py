"""How hosts are called: by whatever ssh takes, and how that is written where `/` and `:` part other things. Pure."""

from __future__ import annotations

import re

LONGEST = 255
_REFUSED = frozenset("\"$&'(),;<>\\`{|}")
"""What ssh takes in no name of a host (`valid_hostname` of its ssh.c)."""
_REFUSED_USER = frozenset("\"&'();<>`{|}")
_PARTS = frozenset("/:")
_WRITTEN = re.compile(r"\[([^\[\]]+)\]|([^/:\[\]]*)")


def refused(name: str) -> str:
    """Why ssh would not take `name` as that of a host; "" where it would."""
    if not name:
        return "it is empty"
    if name.startswith("-"):
        return "it begins with a dash: ssh takes it for an option"
    if not name.isprintable() or any(letter.isspace() for letter in name):
        return "it holds a blank, or what can't be seen"
    if signs := sorted(_REFUSED.intersection(name)):
        return f"it holds {' '.join(signs)}, which ssh refuses in a name"
    return ""


def refused_user(name: str) -> bool:
    """Whether ssh would not take `name` as a login."""
    odd = not name.isprintable() or any(letter.isspace() for letter in name)
    return not name or name.startswith("-") or odd or bool(_REFUSED_USER.intersection(name))


def wrong_name(name: str) -> str:
    """Why `name` can't be a host's name here, in words for people; "" where it can: ssh takes it whole."""
    if why := refused(name):
        return why
    if len(name) > LONGEST:
        return f"it is longer than {LONGEST} characters"
    if "\ufffd" in name:
        return "it is not UTF-8"
    if name.startswith("!"):
        return "it begins with !, which is a negation"
    if {"*", "?"}.intersection(name):
        return "it is a pattern"
    if "@" in name:
        return "ssh takes what stands before its @ for a user"
    if {"[", "]"}.intersection(name):
        return "its brackets are a range of names in hosts.yaml"
    if name.startswith("ssh://"):
        return "ssh takes it for a URL"
    return ""


def bracketed(name: str) -> str:
    """As it stands in a target: in brackets where it holds `/` or `:`, as ssh and URLs write an IPv6 address."""
    return f"[{name}]" if _PARTS.intersection(name) else name


def bare(written: str) -> str:
    """A host's name as it was typed alone, without its brackets if it has any."""
    found = _WRITTEN.fullmatch(written)
    return found[1] if found and found[1] else written


def labelled(host: str, inside: str | None = None) -> str:
    """HOST, or HOST/CONTAINER, as a person would type it."""
    return f"{bracketed(host)}/{inside}" if inside else bracketed(host)


def split_host(written: str) -> tuple[str, str]:
    """The host of what `labelled` wrote, and what stands behind it, with the sign that parts them."""
    found = _WRITTEN.match(written)
    assert found is not None  # it matches ""
    return found[1] or found[2] or "", written[found.end() :]


def at_colon(word: str) -> tuple[str, str, str]:
    """What stands before the first `:` that is not of a host's name in brackets, that colon, and what is behind it."""
    begin = len(word) - len(split_host(word)[1]) if word.startswith("[") else 0
    before, colon, behind = word[begin:].partition(":")
    return word[:begin] + before, colon, behind
