"""Keys of people and hosts, known_hosts, ssh_config, and the configuration that leads gpuws to the lab."""

import json
from pathlib import Path

from tests.lab import shell
from tests.lab.hosts import HOSTS, NOWHERE, SSH_PORT, STRANGER, Host
from tests.lab.paths import config_dir, host_dir, ssh_config, state_dir

HOST_KEY = "ssh_host_ed25519_key"


def make() -> None:
    """Make what is missing; keys that are there stay."""
    state_dir().mkdir(parents=True, exist_ok=True)
    state_dir().chmod(0o700)
    for login in {person.login for host in HOSTS.values() for person in host.people} | {STRANGER}:
        _make_key(person_key(login), f"{login}@gpuws-lab")
    for host in HOSTS.values():
        _make_key(host_key(host.name), host.name)
        _authorize(host)
    _write(known_hosts(), "".join(map(_known_host_line, HOSTS.values())), 0o600)
    _write(ssh_config(), _ssh_config_text(), 0o600)
    hosts = "".join(f"  {name}: {{}}\n" for name in HOSTS)
    _write(
        config_dir() / "hosts.yaml",
        f"hosts:\n{hosts}local: false\nssh_config: {json.dumps(str(ssh_config()))}\n",
        0o644,
    )


def person_key(login: str) -> Path:
    """The private key of a login; the same on every host."""
    return state_dir() / "keys" / f"{login}_ed25519"


def host_key(name: str) -> Path:
    """The private host key that known_hosts vouches for."""
    return state_dir() / "keys" / f"host_{name}_ed25519"


def known_hosts() -> Path:
    """OpenSSH's list of the hosts' keys."""
    return state_dir() / "known_hosts"


def install_host_key(name: str, key: Path) -> None:
    """Put a private key where the host's sshd reads it when it starts."""
    _write(installed_host_key(name), key.read_text(), 0o600)
    _write(_public(installed_host_key(name)), _public(key).read_text(), 0o644)


def installed_host_key(name: str) -> Path:
    """The private key that the host's sshd reads when it starts."""
    return host_dir(name) / HOST_KEY


def make_key(path: Path, comment: str) -> None:
    """A new key pair in place of any that is there."""
    for old in (path, _public(path)):
        old.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    shell.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path])


def public_part(key: Path) -> str:
    """Type and key, without the comment."""
    return " ".join(_public(key).read_text().split()[:2])


def _public(key: Path) -> Path:
    return key.with_name(f"{key.name}.pub")


def _make_key(path: Path, comment: str) -> None:
    if not path.exists():
        make_key(path, comment)


def _authorize(host: Host) -> None:
    """Who may log in on a host, and with which key it answers; sshd wants root's files that nobody else may write."""
    install_host_key(host.name, host_key(host.name))
    for person in host.people:
        _write(
            host_dir(host.name) / "authorized_keys" / person.login, public_part(person_key(person.login)) + "\n", 0o644
        )


def _known_host_line(host: Host) -> str:
    return f"[{host.address}]:{SSH_PORT} {public_part(host_key(host.name))}\n"


def _ssh_config_text() -> str:
    aliases = [_alias(name, host.address, host.user, host.user) for name, host in HOSTS.items()]
    aliases += [
        _alias("alpha-carol", HOSTS["alpha"].address, "carol", "carol"),
        _alias("bravo-bob", HOSTS["bravo"].address, "bob", "bob"),
        _alias("alpha-nokey", HOSTS["alpha"].address, "alice", STRANGER),
        _alias("nowhere", NOWHERE, "alice", "alice"),
    ]
    common = (
        "Host *\n"
        "  IdentitiesOnly yes\n"
        f'  UserKnownHostsFile "{known_hosts()}"\n'
        "  GlobalKnownHostsFile /dev/null\n"
        "  HashKnownHosts no\n"
    )
    return "".join(aliases) + common


def _alias(alias: str, address: str, login: str, key: str) -> str:
    return (
        f'Host {alias}\n  HostName {address}\n  Port {SSH_PORT}\n  User {login}\n  IdentityFile "{person_key(key)}"\n\n'
    )


def _write(path: Path, text: str, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text)
    partial.chmod(mode)
    partial.replace(path)
