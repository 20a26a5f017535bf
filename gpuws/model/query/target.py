"""What users type to name a host, a container, a session or a port (INTERFACE §1). Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gpuws.model.errors import TargetError, UsageError
from gpuws.model.host.machine import one_each
from gpuws.model.host.naming import bracketed, labelled, split_host
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.query.nearest import asked, best, likeness, meant
from gpuws.model.session.session import Session
from gpuws.model.workspace.workspace import PlaceRef, Workspace


@dataclass(frozen=True, slots=True)
class Target:
    """As typed (`word`). `host` "": a container for sure (leading slash); None: a bare word, host or container."""

    word: str
    host: str | None = None
    container: str | None = None
    suffix: str | None = None  # session or port, by the verb
    name: str | None = None  # a host alone that was written as one, in brackets

    @property
    def session(self) -> str | None:
        return self.suffix

    @property
    def port(self) -> int:
        """UsageError unless the suffix is a TCP port."""
        if self.suffix is None:
            raise UsageError(f"{self.word}: a port is missing", "write TARGET:PORT, such as alpha/torch-dev:8888")
        return tcp_port(self.suffix)


def tcp_port(text: str) -> int:
    """UsageError unless it is one, as `8888` or `8888/tcp`."""
    number, _, protocol = text.partition("/")
    if protocol.lower() == "udp":
        raise no_udp(text)
    if number.isascii() and number.isdigit() and 0 < int(number) < 65536 and protocol.lower() in ("", "tcp"):
        return int(number)
    raise UsageError(f"{text!r} is not a port", "a number from 1 to 65535")


def no_udp(text: str) -> UsageError:
    return UsageError(f"{text}: a tunnel carries TCP, and UDP can't go through SSH", "name a TCP port")


@dataclass(frozen=True, slots=True)
class Found:
    """A target that exists. `container` None: the host itself."""

    snapshot: HostSnapshot
    container: Workspace | None
    suffix: str | None
    warnings: tuple[str, ...] = ()

    @property
    def place(self) -> PlaceRef:
        return PlaceRef(self.snapshot.name, self.container.id if self.container else None)

    @property
    def session(self) -> Session | None:
        """The tmux session that is named, or meant by its id; listed or not."""
        if self.suffix is None:
            return None
        home = self.container.name if self.container else None
        there = [one for one in self.snapshot.sessions if one.container == home]
        listed = [one for one in there if one.name == self.suffix] or [
            one for one in there if one.answers_to(self.suffix)
        ]
        return listed[0] if listed else self._unlisted(Session(self.suffix, container=home))

    def _unlisted(self, session: Session) -> Session:
        """With whose it would be: nobody's until the host has told who I am there."""
        if self.container is None and self.snapshot.facts is None:
            return session
        return self.snapshot.me.whose([session], self.snapshot.workspaces)[0]

    @property
    def label(self) -> str:
        """HOST or HOST/CONTAINER, as the user would type it."""
        return labelled(self.snapshot.name, self.container.name if self.container else None)


def parse(text: str, known: Collection[str] = ()) -> Target:
    """Split at the first `/`, then at the last `:`. A `/` behind a `:` belongs to the name of a session. A host whose
    name holds either stands in brackets; one of those `known` may stand without, where that can't mean another."""
    return _bracketed(text) if text.startswith("[") else _plainly_named(text, known) or _split(text)


def _bracketed(text: str) -> Target:
    host, rest = split_host(text)
    if not host:
        return _bad(text)
    return _behind(text, host, rest)


def _behind(text: str, host: str, rest: str) -> Target:
    """`rest`: what stands behind the host's name."""
    if rest in ("", ":"):
        return Target(text, name=host)
    if rest[0] == ":":
        return Target(text, name=host, suffix=rest[1:])
    body, colon, suffix = rest[1:].rpartition(":")
    body, suffix = (body, suffix) if colon else (suffix, "")
    return Target(text, host=host, container=body, suffix=suffix or None) if body and rest[0] == "/" else _bad(text)


def _plainly_named(text: str, known: Collection[str]) -> Target | None:
    """A host with `/` or `:` in its name, typed as it is. Where the part before them is a host as well, that is meant,
    but for a name that is typed whole."""
    odd = [name for name in known if bracketed(name) != name and text.startswith(name)]
    found = max((name for name in odd if text[len(name) :][:1] in ("", "/", ":")), key=len, default=None)
    if found is None or split_host(text)[0] in known:
        return None
    return _behind(text, found, text[len(found) :])


def _split(text: str) -> Target:
    head, slash, tail = text.partition("/")
    if ":" in head:
        if ":" in tail:
            return _bad(text)
        head, slash, tail = text, "", ""
    body, colon, suffix = (tail if slash else head).rpartition(":")
    if not colon:
        body, suffix = suffix, ""
    if not slash:
        return Target(text, suffix=suffix or None) if body else _bad(text)
    if not body:
        return _bad(text)
    return Target(text, host=head, container=body, suffix=suffix or None)


def _bad(text: str) -> Target:
    raise UsageError(f"{text!r} is not a target", "write HOST, HOST/CONTAINER or CONTAINER, with :SESSION or :PORT")


def name_of(target: Target) -> str:
    """The target as it was typed, its suffix taken off."""
    return target.word[: -len(target.suffix) - 1] if target.suffix else target.word.removesuffix(":")


def host_named(target: Target, known: Collection[str]) -> str | None:
    """The host that `target` names, before its slash or by a bare word that is one of those `known`."""
    if sure := target.host or target.name:
        return sure
    name = name_of(target) if target.host is None else ""
    return name if name in known else None


def hosts_to_look_at(target: Target, known: Sequence[str]) -> tuple[str, ...]:
    """Its own where `target` names one, else all: any may have a workspace of that name. TargetError where its own is
    not known."""
    named = host_named(target, known)
    if named is not None and named not in known:
        raise unknown_host(named, known, target.word[len(named) :] if target.word.startswith(named) else "")
    return tuple(known) if named is None else (named,)


def resolve(target: Target, snapshots: Sequence[HostSnapshot]) -> Found:
    """The one thing `target` names. TargetError with the candidates where it is none or several."""
    by_name = {snapshot.name: snapshot for snapshot in snapshots}
    if target.host:
        if target.host not in by_name:
            raise unknown_host(target.host, tuple(by_name))
        snapshot = by_name[target.host]
        return _one(target, target.container or "", [snapshot], ())
    word = target.container if target.host == "" and target.container else target.name or name_of(target)
    if target.host is None and word in by_name:
        return Found(by_name[word], None, target.suffix)
    if target.name is not None:
        raise unknown_host(target.name, tuple(by_name))
    machines = one_each(snapshots)
    return _one(target, word, machines, _not_looked_at(machines))


def _not_looked_at(snapshots: Sequence[HostSnapshot]) -> tuple[str, ...]:
    """Where a container of that name may be, too."""
    away = [s.name for s in snapshots if not s.state.reached]
    late = [s.name for s in snapshots if s.state.reached and "containers" not in s.complete]
    return (
        *((f"not looked at, not reached: {', '.join(away)}",) if away else ()),
        *((f"not looked at, containers not read yet: {', '.join(late)}",) if late else ()),
    )


def unknown_host(name: str, known: Collection[str], rest: str = "") -> TargetError:
    """`rest`: what was typed behind the host's name."""
    hint = meant(name, known, rest=rest)
    return TargetError(f"no host {name!r}", hint or "known hosts: " + (", ".join(known) or "none"))


def lacks_session(found: Found) -> bool:
    """`found` names a session which its place has not. In containers that are not mine nobody looks for sessions."""
    looked = "sessions" in found.snapshot.complete and (found.container is None or found.container.mine)
    return found.session is not None and looked and found.session not in found.snapshot.sessions


def session_meant(found: Found) -> str:
    """`did you mean …?`: the session of its place that is most like the one it names; "" where none is."""
    home = found.session.container if found.session else None
    there = [one.name for one in found.snapshot.sessions if one.container == home]
    return asked(best([(likeness(found.suffix or "", name), f"{found.label}:{name}") for name in there]))


def _one(target: Target, name: str, snapshots: Sequence[HostSnapshot], warnings: tuple[str, ...]) -> Found:
    pairs = _named(name, snapshots) or _by_id(name, snapshots)
    if len(pairs) > 1 and len(mine := [pair for pair in pairs if pair[1].mine]) == 1:
        pairs = mine
    if len(pairs) == 1:
        return Found(pairs[0][0], pairs[0][1], target.suffix, warnings)
    if pairs:
        raise TargetError(f"{name!r} names several", "one of " + ", ".join(labelled(s.name, c.name) for s, c in pairs))
    where = f"on {snapshots[0].name}" if target.host else "in the fleet"
    what = "container" if target.host is not None else "host or container"
    hint = _meant(target, name, snapshots) or "see gpuws ps -a"
    raise TargetError(f"no {what} {name!r} {where}", "; ".join((*warnings, hint)))


def _meant(target: Target, name: str, snapshots: Sequence[HostSnapshot]) -> str:
    """`did you mean …?`: the container, mine first, or the host that is most like what was typed."""
    hosts = [(likeness(name, one.name), one.name) for one in snapshots if target.host is None]
    there = [(likeness(name, c.name), labelled(s.name, c.name)) for s in snapshots for c in s.workspaces]
    mine = frozenset(labelled(s.name, c.name) for s in snapshots for c in s.workspaces if c.mine)
    return asked(best([*hosts, *there], mine), f":{target.suffix}" if target.suffix else "")


Pairs = list[tuple[HostSnapshot, Workspace]]


def _named(name: str, snapshots: Sequence[HostSnapshot]) -> Pairs:
    return [(s, c) for s in snapshots for c in s.workspaces if c.name == name]


def _by_id(prefix: str, snapshots: Sequence[HostSnapshot]) -> Pairs:
    if len(prefix) < 4:
        return []
    return [(s, c) for s in snapshots for c in s.workspaces if c.id.startswith(prefix)]
