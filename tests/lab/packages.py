"""The programs that the lab and the tests beside it need on this machine, and their Debian packages."""

import os
import platform
import shutil
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.lab import shell
from tests.lab.hosts import HOSTS
from tests.lab.report import LabError, say

# program -> Debian package
PROGRAMS = {
    "dockerd": "docker.io",
    "docker": "docker.io",
    "containerd": "containerd",
    "runc": "runc",
    "debootstrap": "debootstrap",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "sshd": "openssh-server",
    "ps": "procps",
    "gpgv": "gpgv",
    "ip": "iproute2",
    "gcc": "gcc",
    "tmux": "tmux",
    "tar": "tar",
    "zsh": "zsh",
    "fish": "fish",
    "rsync": "rsync",
}
# The same for tests that are left out where these can't be had.
BESIDE = {
    "krb5kdc": "krb5-kdc",
    "kadmin.local": "krb5-admin-server",
    "kinit": "krb5-user",
    "softhsm2-util": "softhsm2",
}
CHROMIUM = "/usr/bin/chromium"
"""Debian's own; Ubuntu has it as a snap only, so there the tests that drive a browser are left out."""
# RUNLEVEL 1: what is installed for tests is not started as a service of this machine.
QUIETLY = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
FILES = {
    "/usr/include/stdio.h": "libc6-dev",
    "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
}


def unsupported() -> str | None:
    """Why this machine can't hold a lab at all; None when it can."""
    if sys.platform != "linux":
        return "the lab needs Linux"
    if os.geteuid() != 0:
        return "the lab needs root: it starts a Docker engine of its own"
    if (lacking := missing()) and _lacks("apt-get"):
        return f"the lab needs programs that are not installed (Debian's package names): {' '.join(lacking)}"
    for host in HOSTS.values():
        try:
            with socket.socket() as probe:
                probe.bind((host.address, 0))
        except OSError as error:
            return f"the lab needs the loopback address {host.address}: {error}"
    return None


def missing() -> list[str]:
    """Debian packages that are to be installed."""
    lacking = {package for program, package in PROGRAMS.items() if _lacks(program)}
    lacking |= {package for file, package in FILES.items() if not Path(file).exists()}
    if "docker.io" in lacking:
        lacking |= {"containerd", "runc"}
    if _is_debian() and not Path(CHROMIUM).exists():
        lacking.add("chromium")
    return sorted(lacking)


def install() -> None:
    """Install what is missing, as root on Debian or Ubuntu; elsewhere say what is missing."""
    if reason := unsupported():
        raise LabError(reason)
    if lacking := missing():
        _install(lacking)
    if beside := [package for program, package in BESIDE.items() if _lacks(program)]:
        try:
            _install(beside)
        except LabError as error:
            say(f"left out: {error}")


def _install(lacking: Sequence[str]) -> None:
    say(f"installing {' '.join(lacking)}")
    try:
        _apt_get("install", lacking)
    except LabError:
        _apt_get("update")
        _apt_get("install", lacking)
    if _lacks("docker"):
        _apt_get("install", ["docker-cli"])  # since Debian 13 no part of docker.io
    if left := missing():
        raise LabError(f"still missing after the installation: {' '.join(left)}")


def _lacks(program: str) -> bool:
    return shutil.which(program, path=shell.environment()["PATH"]) is None


def _is_debian() -> bool:
    return platform.freedesktop_os_release().get("ID") == "debian"


def _apt_get(verb: str, packages: Sequence[str] = ()) -> None:
    options = ["-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"]
    shell.run(["apt-get", verb, *options, *packages], extra_env=QUIETLY, timeout=900)


def python_with_pip() -> str:
    """A Python that can download wheels (a virtual environment often can't); installed where there is none."""
    return _find_pip() or _install_pip()


def _find_pip() -> str | None:
    candidates = [sys.executable, *(f"{place}/python3" for place in shell.environment()["PATH"].split(":"))]
    for python in dict.fromkeys(candidates):
        if Path(python).exists() and shell.run([python, "-m", "pip", "--version"], check=False).returncode == 0:
            return python
    return None


def _install_pip() -> str:
    say("installing python3-pip")
    _apt_get("update")
    _apt_get("install", ["python3-pip"])
    if (found := _find_pip()) is None:
        raise LabError("no Python with pip, and python3-pip did not bring one")
    return found
