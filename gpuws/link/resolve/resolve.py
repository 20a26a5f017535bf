"""From a host of the configuration to where and how to connect: `ssh -G` says it, so it means what it means to ssh."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, field, replace
from pathlib import Path

from gpuws.link.resolve.openssh import CommandFailed, output
from gpuws.link.resolve.options import Demands, SshOptions, Strict, parse
from gpuws.link.resolve.policy import Policy
from gpuws.link.resolve.tokens import LocalUser, Tokens, tokens
from gpuws.model.errors import UsageError
from gpuws.model.host import naming
from gpuws.model.host.address import Address
from gpuws.model.host.host import Backend, Host
from gpuws.model.host.ssh_options import besides, is_ignored
from gpuws.model.text import plain

TIMEOUT = 5.0  # seconds; `Match exec` may run anything
DEFAULT_KEYS = tuple(
    f"~/.ssh/id_{kind}" for kind in ("rsa", "ecdsa", "ecdsa_sk", "ed25519", "ed25519_sk", "xmss", "dsa")
)
USER_FILES = "~/.ssh/known_hosts ~/.ssh/known_hosts2"
GLOBAL_FILES = "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2"


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where a host is and how ssh would log in there. Paths and commands are expanded; "none" is gone.

    `jumps`: hosts in front, nearest first. `address_family`: any, inet or inet6. `configured_keys`: somebody wrote
    the identity files down, they are not the default ones. `besides`: what ssh would do that is not done
    here. `shell`: what hosts.yaml wants to run commands there, `backend`: to speak SSH; `demands`: what only the
    system's ssh does. `arguments`: what ssh itself is called with to mean this host. `control_path`: where an ssh that
    is shared (ControlMaster) would listen. `note` says what could not be resolved."""

    name: str
    typed: str
    hostname: str
    user: str
    port: int = 22
    identity_files: tuple[str, ...] = ()
    configured_keys: bool = False
    certificate_files: tuple[str, ...] = ()
    identities_only: bool = False
    agent: str | None = None
    known_hosts_files: tuple[str, ...] = ()
    global_known_hosts_files: tuple[str, ...] = ()
    host_key_alias: str = ""
    hash_known_hosts: bool = False
    strict: Strict = "ask"
    policy: Policy = field(default_factory=Policy)
    jumps: tuple[str, ...] = ()
    proxy_command: str = ""
    connect_timeout: float = 10.0
    address_family: str = "any"
    bind_address: str = ""
    methods: tuple[str, ...] = ("publickey", "keyboard-interactive", "password")
    password_prompts: int = 3
    environment: tuple[tuple[str, str], ...] = ()
    besides: tuple[str, ...] = ()
    shell: str | None = None
    backend: Backend = "auto"
    demands: Demands = field(default_factory=Demands)
    arguments: tuple[str, ...] = ()
    control_path: str = ""
    note: str = ""

    @property
    def address(self) -> str:
        """user@hostname, with the port unless it is 22."""
        return str(Address(self.hostname, self.user, self.port if self.port != 22 else None))


def resolve(host: Host) -> Resolved:
    """UsageError where the configuration is wrong. Without an `ssh` program only what `host` itself says counts."""
    _check(host)
    try:
        return _resolved(host, parse(output(["ssh", "-G", *_arguments(host)], TIMEOUT)), "")
    except FileNotFoundError:
        return _resolved(host, SshOptions({}), "no ssh program here: the SSH configuration was not read")
    except CommandFailed as error:
        raise UsageError(f"{host.name}: ssh does not accept its configuration: {error.reason}") from error


def _check(host: Host) -> None:
    typed = host.hostname or host.name
    if naming.refused(typed) or (host.user and naming.refused_user(host.user)):
        raise UsageError(f"{host.name}: {plain(typed)!r} is not an address", "write [user@]host[:port] in hosts.yaml")
    for key, value in host.ssh_options.items():
        if not (key.isascii() and key.isalpha()) or any(ord(c) < 32 or ord(c) == 127 for c in value):
            raise UsageError(f"{host.name}: {plain(key)!r} is not an OpenSSH option", "see ssh_options in hosts.yaml")


def _arguments(host: Host) -> list[str]:
    command = []
    if host.ssh_config:
        command += ["-F", str(Path(host.ssh_config).expanduser())]
    for key, value in host.ssh_options.items():
        if not is_ignored(key):
            command += ["-o", f"{key}={value}"]
    if host.user:
        command += ["-l", host.user]
    if host.port:
        command += ["-p", str(host.port)]
    if host.identity_file:  # `-i` would drop a file that does not exist, and nobody would hear of it
        command += ["-o", f'IdentityFile="{host.identity_file}"']
    return [*command, "--", host.hostname or host.name]


def _resolved(host: Host, options: SshOptions, note: str) -> Resolved:
    me = _me()
    typed = host.hostname or host.name
    hostname, alias = options.one("hostname", typed), options.one("hostkeyalias")
    user, port = options.one("user", host.user or me.user), options.number("port", host.port or 22)
    jump = host.jump or options.one("proxyjump")
    fill = tokens(me, os.environ, typed=typed, hostname=hostname, port=port, user=user, alias=alias, jump=jump)
    keys = options.many("identityfile")
    if "identityfile" not in options.lines:
        keys = (host.identity_file, *DEFAULT_KEYS) if host.identity_file else DEFAULT_KEYS
    return Resolved(
        name=host.name,
        typed=typed,
        hostname=hostname,
        user=user,
        port=port,
        identity_files=tuple(fill.path(key) for key in keys),
        configured_keys=not set(keys) <= set(DEFAULT_KEYS),
        certificate_files=tuple(fill.path(file) for file in options.many("certificatefile")),
        identities_only=options.switch("identitiesonly", False),
        agent=_agent(options, fill),
        known_hosts_files=tuple(fill.path(file) for file in options.files("userknownhostsfile", USER_FILES)),
        global_known_hosts_files=tuple(fill.path(file) for file in options.files("globalknownhostsfile", GLOBAL_FILES)),
        host_key_alias=alias,
        hash_known_hosts=options.switch("hashknownhosts", False),
        strict=options.strict,
        policy=replace(options.policy, revoked_files=tuple(map(fill.path, options.policy.revoked_files))),
        jumps=tuple(part.strip() for part in jump.split(",") if part.strip()),
        proxy_command="" if host.jump else fill.command(options.one("proxycommand")),
        connect_timeout=min(host.connect_timeout, float(options.number("connecttimeout", 10**6))),
        address_family=options.one("addressfamily", "any"),
        bind_address=options.one("bindaddress"),
        methods=options.methods,
        password_prompts=options.number("numberofpasswordprompts", 3),
        environment=options.environment(os.environ),
        besides=besides(options.lines),
        shell=host.shell,
        backend=host.backend,
        demands=options.demands,
        arguments=tuple(_arguments(host)),
        control_path=_control_path(options, fill),
        note=note,
    )


def _me() -> LocalUser:
    import pwd

    try:
        record = pwd.getpwuid(os.getuid())
        user, home = record.pw_name, record.pw_dir
    except KeyError:
        user, home = os.environ.get("USER", str(os.getuid())), os.environ.get("HOME", "/")
    return LocalUser(user, os.getuid(), home, socket.gethostname())


def _control_path(options: SshOptions, fill: Tokens) -> str:
    """ "" where there is none, or one with a token that only this ssh knows."""
    try:
        return fill.path(options.one("controlpath"))
    except UsageError:
        return ""


def _agent(options: SshOptions, fill: Tokens) -> str | None:
    """The agent's socket: IdentityAgent (a path, or the name of a variable), else $SSH_AUTH_SOCK."""
    written = options.lines.get("identityagent", ("SSH_AUTH_SOCK",))[0]
    if written.lower() == "none":
        return None
    if written == "SSH_AUTH_SOCK" or (written.startswith("$") and not written.startswith("${")):
        return os.environ.get(written.removeprefix("$")) or None
    return fill.path(written)
