"""Where configuration and sockets of a user live (INTERFACE §2), as text. Looking up creates nothing.

macOS follows the same rules."""

from __future__ import annotations

import os
import stat

from gpuws.model.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    Environ = Mapping[str, str]


def config_dir(environ: Environ) -> str:
    if said := environ.get("GPUWS_CONFIG_DIR"):
        return absolute(said, environ)
    return below(base(environ, "XDG_CONFIG_HOME") or below(home(environ), ".config"), "gpuws")


def state_dir(environ: Environ) -> str:
    return below(base(environ, "XDG_STATE_HOME") or below(home(environ), ".local/state"), "gpuws")


def runtime_dir(environ: Environ) -> str:
    """Below the session's own directory, where there is one, else mine below that of temporary files. UsageError where
    somebody else has taken its name."""
    own = base(environ, "XDG_RUNTIME_DIR")
    return below(own, "gpuws") if own and _is_mine(own) else private_directory(_temporary(environ))


def home(environ: Environ) -> str:
    """The user's home directory on this workstation."""
    found = environ.get("HOME") or os.path.expanduser("~")  # noqa: PTH111 - pathlib takes longer to load than the rest
    if found.startswith("~"):
        raise UsageError("your home directory is not known", "set HOME")
    return normal(found)


def absolute(path: str, environ: Environ, start: str = "") -> str:
    """`path` with a leading `~` as my home; a relative one begins at `start`, else at the working directory."""
    if path == "~" or path.startswith("~/"):
        return below(home(environ), path[2:])
    return normal(path if not start else f"{start}/{path}" if not path.startswith("/") else path)


def normal(path: str) -> str:
    """Absolute, without empty parts and dots. `..` stays: behind a link it leads elsewhere than it reads."""
    whole = path if path.startswith("/") else f"{os.getcwd()}/{path}"  # noqa: PTH109
    return "/" + "/".join(part for part in whole.split("/") if part not in ("", "."))


def below(directory: str, name: str) -> str:
    return normal(f"{directory}/{name}")


def base(environ: Environ, name: str) -> str:
    """An XDG base directory, "" where there is none; the specification says to ignore relative ones."""
    said = environ.get(name, "")
    return normal(said) if said.startswith("/") else ""


def private_directory(parent: str) -> str:
    """My directory in one that is everybody's."""
    directory = below(parent, f"gpuws-{os.getuid()}")
    try:
        found = os.lstat(directory)
    except OSError:
        return directory  # not there yet
    need_private(directory, found)
    return directory


def need_private(directory: str, found: os.stat_result) -> None:
    """Anybody may make our directory's name first where all may write; sockets there would be theirs."""
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise UsageError(
            f"{directory} is not a private directory of yours",
            f"remove it (or chmod 700 {directory}), or set XDG_RUNTIME_DIR",
        )


def _temporary(environ: Environ) -> str:
    """Where temporary files go, as Python's tempfile has it, which takes long to load."""
    if said := environ.get("TMPDIR"):
        return said
    if environ.get("TEMP") or environ.get("TMP") or not os.access("/tmp", os.W_OK | os.X_OK):
        import tempfile

        return tempfile.gettempdir()
    return "/tmp"


def _is_mine(directory: str) -> bool:
    """After `sudo` or `su` the variable may still name somebody else's directory."""
    try:
        found = os.stat(directory)  # noqa: PTH116
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
