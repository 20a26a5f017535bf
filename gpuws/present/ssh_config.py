"""The part of an SSH configuration that leads through gpuws, and what an older one says. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from gpuws.model.ssh_alias import OWN_USER, PREFIX, SshAlias

PROXY = "ssh-proxy"
"""The command that is ssh's ProxyCommand."""
HOST_KEY_ALIAS = PREFIX

_HEAD = """\
# Written by `gpuws ssh-config`, which writes it anew; what you add here is lost. To use it, put this line before any
# `Host` of ~/.ssh/config:
#   Include {include}
"""
_COMMON = f"""\
Host {PREFIX}.*
  # Where no block above names it: nothing is looked up or dialled.
  ProxyCommand sh -c 'echo "{PREFIX}: no host or workspace has this name; gpuws ssh-config writes them anew" >&2'
  ProxyUseFdpass no
  CanonicalizeHostname no
  # Stands for the workspace's own user; another, as in ssh root@{PREFIX}.HOST.NAME, is a user of the workspace.
  User {OWN_USER}
  # Nothing listens and nothing is dialled: the server is the ProxyCommand itself, whose key is made once, for you.
  HostKeyAlias {HOST_KEY_ALIAS}
  HostKeyAlgorithms ssh-ed25519
  UserKnownHostsFile {{known_hosts}}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  UpdateHostKeys no
  VerifyHostKeyDNS no
  ForwardAgent no
  ForwardX11 no
  # What both sides have, whatever else is set for all hosts, and do fastest.
  KexAlgorithms +curve25519-sha256
  MACs +hmac-sha2-256
  Ciphers aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr
  Compression no
"""
_WRITTEN = re.compile(rf"^Host ({PREFIX}\.\S+)\n  ProxyCommand .* {PROXY} (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Means:
    """What an alias needs of this workstation: `gpuws`, how the command is started; the path of the file itself, and of
    the one that knows the server's key."""

    gpuws: Sequence[str]
    path: str
    known_hosts: str


def fragment(aliases: Sequence[SshAlias], means: Means) -> str:
    """A block for each alias, so that it is offered wherever ssh's names are, and one for what all have."""
    command = _percent(shlex.join([*means.gpuws, PROXY]))
    blocks = [f"Host {alias.name}\n  ProxyCommand {command} {alias.target}\n" for alias in aliases]
    head = _HEAD.format(include=quoted(means.path))
    common = _COMMON.format(known_hosts=_percent(quoted(means.known_hosts)))
    return "\n".join([head, *blocks, common])


def written(text: str) -> tuple[SshAlias, ...]:
    """The aliases of a fragment."""
    return tuple(SshAlias(name, target) for name, target in _WRITTEN.findall(text))


def quoted(word: str) -> str:
    """As one word of an SSH configuration."""
    return f'"{word}"' if re.search(r"[\s#]", word) else word


def _percent(text: str) -> str:
    """ssh replaces %h and the like."""
    return text.replace("%", "%%")
