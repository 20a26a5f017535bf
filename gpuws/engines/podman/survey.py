"""What a host says of its Podman: sockets, program, whether I ever used it, whether what I start there may stay."""

from __future__ import annotations

from dataclasses import dataclass, field

from gpuws.link.place import Link
from gpuws.link.script import run_script
from gpuws.model.text import plain

_SCRIPT = r"""
echo "login $(id -un)"
for socket in "${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/podman/podman.sock" /run/podman/podman.sock; do
  [ -S "$socket" ] || continue
  if [ -r "$socket" ] && [ -w "$socket" ]; then echo "usable $socket"; else echo "forbidden $socket"; fi
done
for program in podman python3; do
  command -v "$program" >/dev/null 2>&1 && echo "program $program"
done
[ -d "${XDG_DATA_HOME:-$HOME/.local/share}/containers/storage" ] && echo used
[ -d /run/systemd/seats ] && echo logind
[ -e "/var/lib/systemd/linger/$(id -un)" ] && echo linger
true
"""


@dataclass(slots=True)
class Survey:
    """`used`: images and containers of mine are there. `logind`: what I start ends with my last login, but where
    `linger` is set."""

    login: str = "you"
    usable: list[str] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)
    programs: set[str] = field(default_factory=set)
    used: bool = False
    logind: bool = False
    linger: bool = False


def look(link: Link, host: str) -> Survey:
    """`Swallows` where `host` runs no commands."""
    return parse(run_script(link, host, _SCRIPT, timeout=10.0).stdout.decode(errors="replace"))


def parse(text: str) -> Survey:
    """The lines of the script."""
    survey = Survey()
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if word == "login":
            survey.login = plain(rest, 64) or survey.login
        elif word == "usable":
            survey.usable.append(rest)
        elif word == "forbidden":
            survey.forbidden.append(rest)
        elif word == "program":
            survey.programs.add(rest)
        elif word in ("used", "logind", "linger"):
            setattr(survey, word, True)
    return survey
