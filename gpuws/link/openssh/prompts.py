"""What ssh asks, read: its own questions are known by their words, all others are the server's. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from gpuws.model.host.question import Question, said
from gpuws.model.text import plain

MARKING = (8, 5)
"""The first OpenSSH that writes whose words they are before a server's: older ones ask those as if they were ssh's."""

_UNKNOWN_KEY = re.compile(
    r"The authenticity of host '(?P<name>[^\n]*?)(?: \([^\n]*\))?' can't be established\.?\n"
    r".*?(?P<type>[\w-]+) key fingerprint is:? (?P<print>\S+?)\.?\n",
    re.DOTALL,
)
_PASSWORD = re.compile(r"(?P<who>[^\s]+@[^\s]+)'s password: ?\Z")
_PASSPHRASE = re.compile(r"Enter passphrase for (?:key )?'(?P<file>[^\n]+)': ?\Z")
_PIN = re.compile(r"Enter PIN for (?P<key>[^\n]+?): ?\Z")
_SERVERS = re.compile(r"\((?P<who>[^()\s]+@[^()\s]+)\) (?P<words>.*)\Z", re.DOTALL)

Kind = Literal["host-key", "secret", "notice"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """`notice`: nothing is asked, somebody is to touch a key. `wanted` names in errors what was asked for."""

    kind: Kind
    question: Question
    wanted: str


def read(name: str, address: str, prompt: str, hint: str, *, marked: bool, before: tuple[str, ...] = ()) -> Prompt:
    """`hint`: SSH_ASKPASS_PROMPT. `marked`: this ssh says which words are a server's. `before`: what ssh has printed
    since the last question, where a server's instructions stand."""
    if hint == "none":
        return Prompt("notice", Question("prompt", name, plain(prompt)), "")
    if found := _UNKNOWN_KEY.match(prompt):
        words = f"The host key of {plain(found['name'])} is not known. Is this its fingerprint?"
        shown = f"{found['type']} {plain(found['print'])}"
        return Prompt("host-key", Question("host-key", name, words, (shown,)), plain(found["name"]))
    if marked and not hint:
        if found := _PASSPHRASE.match(prompt):
            question = Question("passphrase", name, f"Passphrase of {plain(found['file'])}")
            return Prompt("secret", question, f"the passphrase of {plain(found['file'])}")
        if found := _PIN.match(prompt):
            question = Question("passphrase", name, f"PIN for {plain(found['key'])}")
            return Prompt("secret", question, "a PIN")
        if found := _PASSWORD.match(prompt):
            return Prompt("secret", Question("password", name, f"Password of {plain(found['who'])}"), "a password")
    who, words = address, prompt
    if marked and (found := _SERVERS.match(prompt)):
        who, words = plain(found["who"]), found["words"]
    asks = f"The server {who} asks in its own words"
    question = Question("prompt", name, asks, server=who, said=said(*before, words))
    return Prompt("secret", question, f'"{plain(words, 80)}"')


def again(question: Question) -> Question:
    """The same, asked once more: the last answer would not do."""
    word = {"password": "Not accepted, try again.", "passphrase": "That was not it, try again."}.get(question.kind)
    return replace(question, detail=(word,)) if word else question
