"""What an ssh that logs in writes: facts of its -v, and what went wrong as one sentence. Its words are known by one
table; others are shown as they are. Pure."""

from __future__ import annotations

import re
import shlex
from collections import deque
from dataclasses import dataclass, field

from gpuws.link.connect.faults import turned_away
from gpuws.link.resolve.resolve import Resolved
from gpuws.model.errors import AuthFailed, Blocked, GpuwsError, HostError, HostKeyChanged, Unreachable, UsageError
from gpuws.model.host.refusal import Refusal, remedy
from gpuws.model.text import plain

KEPT = 60  # lines
CONNECTING = "connecting"
HUNG = "the machine may be overloaded or hung"

_SERVER = re.compile(r"remote software version (.*)")
_HOST_KEY = re.compile(r"Server host key: (\S+ \S+)")
_OFFERED = re.compile(r"Offering public key: (.*?) [\w-]+ SHA256:")
_TAKEN = re.compile(r"Authentications that can continue: (\S+)")
_CAN_ASK = "Next authentication method: "
_PHASES = (
    ("Authenticating to ", "checking the host key"),
    ("SSH2_MSG_SERVICE_ACCEPT received", "logging in"),
)
_REMARKS = ("OpenSSH_", "Authenticated to ", "Transferred: sent ", "Bytes per second: ")


@dataclass(slots=True)
class Told:
    """What has been written so far. `lines`: what ssh says to everybody, without the remarks of -v."""

    lines: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT))
    server: str | None = None
    host_key: str | None = None
    phase: str = CONNECTING
    methods: str = ""
    tried: list[str] = field(default_factory=list)
    _shown: int = 0
    _count: int = 0

    def hear(self, line: bytes) -> None:
        text = plain(line.decode(errors="replace"))
        if not text.startswith("debug1: "):
            if text and not text.startswith(_REMARKS):
                self._count += 1
                self.lines.append(text)
            return
        remark = text.removeprefix("debug1: ")
        if found := _SERVER.search(remark):
            self.server = found[1]
        elif found := _HOST_KEY.match(remark):
            self.host_key = found[1]
        elif found := _TAKEN.match(remark):
            self.methods = found[1].replace(",", ", ")
        elif found := _OFFERED.match(remark):
            self.tried.append(found[1])
        elif remark.startswith(_CAN_ASK) and "publickey" not in remark:
            self.tried.append(remark.removeprefix(_CAN_ASK))
        for begin, phase in _PHASES:
            if remark.startswith(begin):
                self.phase = phase

    def fresh(self) -> tuple[str, ...]:
        """The lines since the last call, a few: what stands before a question."""
        new = min(self._count - self._shown, len(self.lines), 8)
        self._shown = self._count
        return tuple(self.lines)[len(self.lines) - new :]

    def logged_in(self) -> tuple[str, ...]:
        """What was said so far, which is not why it ends later."""
        lines = tuple(self.lines)
        self.lines.clear()
        return lines

    def loss(self) -> str:
        """Why a connection that stood is gone, in a few words; "" where ssh did not say."""
        last = self.last()
        return next((words for known, words in _LOSSES if known in last), last)

    def last(self) -> str:
        """What ssh said at the end."""
        return "; ".join(list(self.lines)[-3:])[-300:]


_LOSSES = (
    ("closed by remote host", "the server closed the connection"),
    ("not responding", "it has not answered"),
)


def fault(resolved: Resolved, told: Told) -> GpuwsError:
    """Why ssh did not get there."""
    said = "\n".join(told.lines)
    for pattern, make in _FAULTS:
        if found := re.search(pattern, said, re.MULTILINE | re.DOTALL):
            return make(resolved, told, found)
    last = told.last()
    return Unreachable(f"{resolved.name}: ssh could not connect{f': {last}' if last else ''}", _more(resolved))


def _changed(resolved: Resolved, told: Told, found: re.Match[str]) -> GpuwsError:
    where = f"{found['file']}:{found['line']}"
    now = told.host_key or f"{found['type']} {found['print']}"
    return HostKeyChanged(
        f"{resolved.name}: the host key of {found['name']} has changed: known {found['known']} ({where}), now {now}",
        f"if the server was set up anew: ssh-keygen -f {shlex.quote(found['file'])} -R {shlex.quote(found['name'])};"
        " otherwise somebody is in between",
    )


def _changed_somehow(resolved: Resolved, told: Told, _: re.Match[str]) -> GpuwsError:
    return HostKeyChanged(f"{resolved.name}: a host key on the way there has changed: {told.last()}", _more(resolved))


def _revoked(resolved: Resolved, told: Told, _: re.Match[str]) -> GpuwsError:
    words = f"{resolved.name}: the host key {told.host_key or 'there'} is revoked"
    return Blocked(words, "the server must get a new key; ask who runs it")


def _strict(resolved: Resolved, told: Told, _: re.Match[str]) -> GpuwsError:
    option = "BatchMode" if resolved.policy.silent else "StrictHostKeyChecking"
    return Blocked(
        f"{resolved.name}: its host key is not known, and {option} is `yes`",
        f"add it to known_hosts after checking it: {told.host_key or _more(resolved)}",
    )


def _refused(resolved: Resolved, told: Told, found: re.Match[str]) -> GpuwsError:
    tried = ", ".join(told.tried) or "nothing"
    silent = ["BatchMode is `yes`: nothing is asked"] if resolved.policy.silent else []
    facts = [f"tried {tried}", f"the server takes {told.methods or found['takes'] or 'unknown'}", *silent]
    who = resolved.address
    if found["who"] not in (
        None,
        f"{resolved.user}@{resolved.hostname}",
    ):  # that of a ProxyCommand, of which only ssh knows
        who, facts = found["who"], [f"the server takes {found['takes']}"]
    offered = {word.strip() for word in (told.methods or found["takes"] or "").split(",")} - {""}
    refusal = Refusal(
        offered=offered,
        ours=resolved.methods,
        keys=bool(told.tried),
        asked=False,
        silent=resolved.policy.silent,
        exposed=(),
        user=resolved.user,
        typed=resolved.typed,
        by_ssh=True,
    )
    return AuthFailed(f"{resolved.name}: {who} refused the login ({'; '.join(facts)})", remedy(refusal))


def _too_many(resolved: Resolved, told: Told, _: re.Match[str]) -> GpuwsError:
    return AuthFailed(
        f"{resolved.name}: {resolved.address} ended the login after too many keys (tried {', '.join(told.tried)})",
        "name the right key by identity_file, and set IdentitiesOnly",
    )


def _share_none(resolved: Resolved, _: Told, found: re.Match[str]) -> GpuwsError:
    words = f"{resolved.name}: the server and ssh share no {found['what']}: it only has {plain(found['theirs'], 200)}"
    return HostError(words, "allow a common one, here in the SSH configuration or there in sshd_config")


def _configuration(resolved: Resolved, told: Told, _: re.Match[str]) -> GpuwsError:
    return UsageError(f"{resolved.name}: ssh does not accept its configuration: {told.last()}")


def _nowhere(resolved: Resolved, _: Told, found: re.Match[str]) -> GpuwsError:
    words = f"{resolved.name}: no address is known for {found['host']}"
    return Unreachable(words, "check its name, the DNS or the VPN")


def _closed_port(resolved: Resolved, _: Told, found: re.Match[str]) -> GpuwsError:
    where = f"{found['host']} port {found['port']}"
    return Unreachable(f"{resolved.name}: {where} refuses connections", "is sshd running there, is the port right?")


def _silent(resolved: Resolved, _: Told, found: re.Match[str]) -> GpuwsError:
    where = f"{found['host']} port {found['port']}"
    return Unreachable(
        f"{resolved.name}: {where} does not answer within {resolved.connect_timeout:g} s", "is it up, is a VPN needed?"
    )


def _unrouted(resolved: Resolved, _: Told, found: re.Match[str]) -> GpuwsError:
    words = f"{resolved.name}: there is no route to {found['host']} port {found['port']}"
    return Unreachable(words, "check the network or the VPN")


def _hung(resolved: Resolved, _: Told, __: re.Match[str]) -> GpuwsError:
    return Unreachable(
        f"{resolved.name}: {resolved.hostname} port {resolved.port} accepts connections but does not answer",
        HUNG,
    )


def _cut(resolved: Resolved, told: Told, _: re.Match[str]) -> GpuwsError:
    if told.server is None and "kex_exchange_identification" in told.last():
        return turned_away(f"{resolved.name}: {resolved.hostname} port {resolved.port}", ())
    return Unreachable(
        f"{resolved.name}: the connection was ended while it was set up: {told.last()}",
        "its sshd may be overloaded, or refuse this address for a while (MaxStartups, PerSourcePenalties)",
    )


def _no_askpass(resolved: Resolved, told: Told, _: re.Match[str]) -> GpuwsError:
    return HostError(
        f"{resolved.name}: ssh could not ask for what it needs: {told.last()}",
        "the directory of gpuws' sockets must allow programs to run: set XDG_RUNTIME_DIR to one that does",
    )


def _more(resolved: Resolved) -> str:
    return f"`ssh -v {resolved.typed}` tells more"


_REACH = r"^ssh: connect to host (?P<host>\S+) port (?P<port>\d+): "
_FAULTS = (
    (r"Bad configuration option|bad configuration options", _configuration),
    (r"ssh_askpass: exec", _no_askpass),
    (r"REVOKED HOST KEY DETECTED|revoked by file|is marked as revoked", _revoked),
    (
        (
            r"IDENTIFICATION HAS CHANGED"
            r".*?^The fingerprint for the (?P<type>\S+) key sent by .*?(?P<print>SHA256:\S+?)\.?$"
            r".*?^Offending (?P<known>\S+) key in (?P<file>[^\n]+):(?P<line>\d+)$"
            r".*?^Host key for (?P<name>\S+) has changed"
        ),
        _changed,
    ),
    (r"IDENTIFICATION HAS CHANGED|has changed and you have requested strict", _changed_somehow),
    (r"^No \S+ host key is known for", _strict),
    (r"^Host key verification failed", _strict),
    (r"no matching (?P<what>.+?) found\. Their offer: (?P<theirs>[^\n]*)", _share_none),
    (r"Too many authentication failures", _too_many),
    (r"^(?:(?P<who>\S+): )?Permission denied \((?P<takes>[^)]*)\)", _refused),
    (r"Could not resolve hostname (?P<host>\S+):", _nowhere),
    (_REACH + r"Connection refused", _closed_port),
    (_REACH + r"(?:Connection|Operation) timed out", _silent),
    (_REACH + r"(?:No route to host|Network is (?:unreachable|down)|Host is down)", _unrouted),
    (r"timed out during banner exchange|banner exchange: .*timed out", _hung),
    (r"kex_exchange_identification|banner exchange|[Cc]onnection (?:closed|reset)|closed by remote host", _cut),
)
"""In the order in which they are looked for: what is sure before what may have followed from it."""
