"""What a host says about its engine when its socket can't be dialled: asked, not guessed from an error code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gpuws.link.place import Link
from gpuws.link.script import run_script
from gpuws.model.errors import EngineMissing, EngineShut, GpuwsError
from gpuws.model.text import plain

_SCRIPT = r"""
echo "login $(id -un)"
echo "groups $(id -Gn "$(id -un)")"
for socket in "$@" "${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/docker.sock" "$HOME/.docker/run/docker.sock"; do
  [ -S "$socket" ] || continue
  if [ -r "$socket" ] && [ -w "$socket" ]; then echo "usable $socket"
  else echo "forbidden $(stat -c %G "$socket" 2>/dev/null || echo docker) $socket"; fi
done
for program in docker dockerd python3; do
  command -v "$program" >/dev/null 2>&1 && echo "program $program"
done
[ -x /usr/bin/dockerd ] || [ -x /usr/sbin/dockerd ] && echo "program dockerd"
true
"""


@dataclass(slots=True)
class Survey:
    """`forbidden`: sockets I may not use, with the group that may."""

    login: str = "you"
    groups: tuple[str, ...] = ()
    usable: list[str] = field(default_factory=list)
    forbidden: list[tuple[str, str]] = field(default_factory=list)
    programs: set[str] = field(default_factory=set)


def look(link: Link, host: str, sockets: Sequence[str]) -> Survey:
    """`Swallows` where `host` runs no commands: nothing is known of it then."""
    done = run_script(link, host, _SCRIPT, *sockets, timeout=10.0)
    return parse(done.stdout.decode(errors="replace"))


def parse(text: str) -> Survey:
    survey = Survey()
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if word == "login":
            survey.login = plain(rest, 64) or survey.login
        elif word == "groups":
            survey.groups = tuple(rest.split())
        elif word == "usable" and rest not in survey.usable:
            survey.usable.append(rest)
        elif word == "forbidden":
            group, _, path = rest.partition(" ")
            survey.forbidden.append((path, plain(group, 64)))
        elif word == "program":
            survey.programs.add(rest)
    return survey


def verdict(survey: Survey, host: str, asked_for: str | None, mend: str = "", by: str = "") -> GpuwsError:
    """Why there is no engine to talk to, and who can mend it. `asked_for`: the socket of the configuration, `mend`:
    where that stands, `by`: what else than hosts.yaml says it."""
    said = f" ({by})" if by else ""
    forbidden = [one for one in survey.forbidden if asked_for in (None, one[0])]
    usable = [path for path in survey.usable if asked_for in (None, path)]
    if usable:
        return _not_running(host, usable[0], f" at {usable[0]}{said}" if by else "")
    if forbidden:
        return _forbidden(survey, *forbidden[0], host)
    if asked_for:
        return EngineShut(f"there is no socket {asked_for} on {host}{said}", f"mend {mend}")
    if "dockerd" in survey.programs:
        return _not_running(host)
    if "docker" in survey.programs:
        return EngineMissing(f"{host} has the docker program but no engine", "set docker.socket in hosts.yaml")
    return EngineMissing(f"{host} has no Docker")


def _not_running(host: str, path: str = "", at: str = "") -> EngineShut:
    unit = "podman.socket" if path.endswith("/podman.sock") else "docker"
    if path.startswith("/run/user/"):
        remedy = f"start it: systemctl --user start {unit}"
    else:
        remedy = f"ask its admin to start it: sudo systemctl start {unit}"
    return EngineShut(f"Docker on {host} is not running{at}", remedy)


def _forbidden(survey: Survey, path: str, group: str, host: str) -> EngineShut:
    message = f"{survey.login} may not use Docker on {host}"
    if group in ("root", "UNKNOWN", "nogroup"):
        return EngineShut(message, f"ask its admin for access to {path}")
    if group in survey.groups:
        return EngineShut(message, f"{survey.login} is in the group {group} since the last login: reconnect")
    return EngineShut(message, f"ask its admin for: sudo usermod -aG {group} {survey.login}, then log in again")
