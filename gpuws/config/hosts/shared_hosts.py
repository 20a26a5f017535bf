"""Hosts files that others keep: read whole, used as far as I accepted what they do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gpuws.config.hosts import ssh_texts
from gpuws.config.hosts.hosts import HostFiles, SharedHosts
from gpuws.config.paths import is_mine, present
from gpuws.config.trust.acceptances import Acceptances
from gpuws.config.trust.shared import Piece, Reading, bounded
from gpuws.config.yaml.problems import ConfigProblems
from gpuws.config.yaml.reader import load_text, read_text


def open_hosts_file(path: Path, accepted_dir: Path, environ: Mapping[str, str]) -> SharedHosts:
    """Never raises: what can't be read now is as it was accepted."""
    acceptances = Acceptances(accepted_dir, environ)
    opened = acceptances.open(path, lambda: read_hosts_file(path, environ))
    files = (path, acceptances.record(path))
    if opened.reading is None:
        gone = f"{path}: is not there; its hosts are missing"
        left_out = f"{path} {opened.note}: its hosts are left out — {opened.remedy}"
        return SharedHosts(path, None, left_out if present(path) else gone, files=files)
    tree = read_text(opened.reading.pieces[0].text, str(path), [])
    drawn = (Path(piece.path) for piece in opened.reading.pieces[1:])
    return SharedHosts(path, tree, opened.told, acceptances.copies(opened.reading), (*files, *drawn))


def read_hosts_file(path: Path, environ: Mapping[str, str]) -> Reading:
    """A shared hosts.yaml and its SSH configuration, as they lie there. UsageError where something is wrong."""
    text = load_text(path)
    found = HostFiles(environ)
    found.lay(read_text(text, str(path), found.problems), path)
    if not found.problems:
        found.hosts()
    if found.problems:
        raise ConfigProblems(found.problems)
    drawn: dict[Path, str] = {}
    if found.ssh_config and not is_mine(Path(found.ssh_config), path.parent, environ):
        drawn = ssh_texts.collect(Path(found.ssh_config), path.parent, environ)
    configs = (Piece(str(each), "ssh", config) for each, config in drawn.items())
    return bounded(Reading("hosts", (Piece(str(path), "yaml", text), *configs)))
