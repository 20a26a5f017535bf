"""ssh-config: the fragment of an SSH configuration, the server's key, and the file that knows it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.selection import GLANCE, chosen_hosts, trouble
from gpuws.cli.toolkit.setup import open_fleet, set_up, user_paths
from gpuws.cli.toolkit.waiting import gather
from gpuws.config.files import write_atomically
from gpuws.model.errors import Refused
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.ssh_alias import SshAlias, together
from gpuws.model.text import plain
from gpuws.model.units import count
from gpuws.present.ssh_config import HOST_KEY_ALIAS, PROXY, Means, fragment, quoted, written
from gpuws.quick.directories import base

BASES = ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")
RESOLVING = 10.0  # seconds for `ssh -G`, which may run what a configuration's `Match exec` says


@dataclass(frozen=True, slots=True)
class Files:
    """In the state directory."""

    directory: Path

    @property
    def config(self) -> Path:
        return self.directory / "config"

    @property
    def known_hosts(self) -> Path:
        return self.directory / "known_hosts"

    @property
    def host_key(self) -> Path:
        return self.directory / "host_key"


def files(options: Options) -> Files:
    return Files(user_paths(options).state_dir / "ssh")


def write_config(options: Options, names: Sequence[str]) -> int:
    if options.readonly:
        raise Refused(
            "with --readonly no host has a name for ssh", "run it without: a read-only host is left out anyway"
        )
    setup = set_up(options)
    with open_fleet(setup, chosen_hosts(setup, names, [])) as fleet:
        looked_at = gather(fleet, frozenset({"containers"}), GLANCE if options.timeout is None else options.timeout)
    found = together(looked_at, before(options), setup.names())
    if options.dry_run:
        sys.stdout.write(fragment(found, _means(options)))
        return 0
    _say_unread(looked_at)
    write(options, found)
    width = max((len(alias.name) for alias in found), default=0)
    sys.stdout.write("".join(f"{alias.name:<{width}}  {alias.target}\n" for alias in found))
    note(f"wrote {files(options).config}: {count(len(found), 'name')} for ssh")
    if found and (reason := not_led(found[0])):
        note(f"{reason}; to use them, {include(options)}")
    return 0


def before(options: Options) -> tuple[SshAlias, ...]:
    """What the fragment has that is there."""
    try:
        return written(files(options).config.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return ()


def write(options: Options, found: Sequence[SshAlias]) -> None:
    """The fragment, and once for all the server's key."""
    from gpuws.sshserver.host_key import known_hosts_line, made_key

    place = files(options)
    key = made_key(place.host_key)
    write_atomically(place.known_hosts, known_hosts_line(HOST_KEY_ALIAS, key))
    write_atomically(place.config, fragment(found, _means(options)))


def include(options: Options) -> str:
    """What a person has to do once."""
    return f"put this line before any `Host` of ~/.ssh/config: Include {quoted(str(files(options).config))}"


def not_led(alias: SshAlias) -> str:
    """Why ssh, as it is configured now, does not reach `alias` through gpuws; "" where it does."""
    words = ["ssh", "-G", alias.name]
    try:
        done = subprocess.run(words, capture_output=True, timeout=RESOLVING, check=False, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        return "there is no program ssh here"
    except OSError as error:
        return f"ssh can't be run: {error.strerror}"
    except subprocess.TimeoutExpired:
        return f"ssh -G {alias.name} did not answer within {RESOLVING:g} s"
    if done.returncode:
        return f"ssh does not read its configuration: {plain(done.stderr.decode(errors='replace'))}"
    leads = rf"^proxycommand .* {PROXY} {re.escape(alias.target)}$"
    return (
        ""
        if re.search(leads, done.stdout.decode(errors="replace"), re.MULTILINE)
        else f"ssh does not know {alias.name}"
    )


def _means(options: Options) -> Means:
    place = files(options)
    words = [*_bases(), *_command(), *(["--config-dir", str(found)] if (found := _config_dir(options)) else [])]
    return Means(words, str(place.config), str(place.known_hosts))


def _bases() -> list[str]:
    """An editor that a desktop started, or cron, has other directories: its keeper would be another, with a login of
    its own, and the key would not be found."""
    said = [f"{name}={found}" for name in BASES if (found := base(os.environ, name))]
    return ["env", *said] if said else []


def _command() -> list[str]:
    """How this program is started from anywhere: an editor that a desktop started has another PATH."""
    started = shutil.which(sys.argv[0])
    if started is not None and Path(started).name == "gpuws":
        return [str(Path(started).absolute())]
    return [sys.executable, "-P", "-m", "gpuws"]  # -P: not what lies where ssh is called


def _config_dir(options: Options) -> Path | None:
    """Where it is not the usual one."""
    chosen = options.config_dir or os.environ.get("GPUWS_CONFIG_DIR")
    return Path(chosen).expanduser().absolute() if chosen else None


def _say_unread(looked_at: Sequence[HostSnapshot]) -> None:
    for one in looked_at:
        if "containers" not in one.complete:
            why = trouble(one) if not one.state.reached else "its containers are not read yet"
            note(f"{one.name}: names of its workspaces stay as they were: {why}")
