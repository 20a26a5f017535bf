"""What a client's words become: the programs that the fleet starts for a shell, a command or a file transfer. Pure."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence

NAME = "ssh"
"""What such a program's shell is called among the processes there."""

_TELL = 'printf "%s %s\\n" "$1" "$$"; shift; exec "$@"'
"""First of all a word and the number of the process that becomes the program: signals are sent to it by another one.
What a login's start-up files print comes before that word."""

_KILL = 'kill -s "$2" -- "-$1" 2>/dev/null || kill -s "$2" "$1"'

_FIND_SHELL = '[ -x "$SHELL" ] || SHELL=$(command -v bash || command -v sh) && export SHELL; '
"""The login's on a host, the image's in a container; a container seldom says any."""

# Where distributions put it: Debian and Ubuntu, Fedora and RHEL, Alpine and Arch, SUSE, the BSDs and Homebrew.
_SFTP_SERVERS = (
    "/usr/lib/openssh/sftp-server",
    "/usr/libexec/openssh/sftp-server",
    "/usr/lib/ssh/sftp-server",
    "/usr/libexec/ssh/sftp-server",
    "/usr/libexec/sftp-server",
    "/usr/local/libexec/sftp-server",
    "/usr/lib/sftp-server",
)
_PYTHONS = ("python3", "python", "/opt/conda/bin/python3", "/opt/venv/bin/python3", "/usr/libexec/platform-python")
NO_SFTP = 127


def told(words: Sequence[str], mark: str) -> tuple[str, ...]:
    """`words`, after a line of `mark` and the number of their process."""
    return ("/bin/sh", "-c", _TELL, NAME, mark, *words)


def kill(process: str, signal: str) -> tuple[str, ...]:
    """What sends a signal, by its name without SIG, to the group of that process, or where it leads none to itself."""
    return ("/bin/sh", "-c", _KILL, NAME, process, signal)


def command(line: bytes) -> tuple[str, ...]:
    """A line for the shell of the place, as sshd gives it to a login's shell. The name of a file in it may be no UTF-8,
    and what goes to engines is text."""
    try:
        return ("/bin/sh", "-c", f'{_FIND_SHELL}exec "$SHELL" -c "$1"', NAME, line.decode())
    except UnicodeDecodeError:
        octal = "".join(f"\\0{byte:03o}" for byte in line)
        return ("/bin/sh", "-c", f'{_FIND_SHELL}exec "$SHELL" -c "$(printf %b "$1")"', NAME, octal)


def shell(*, login: bool) -> tuple[str, ...]:
    """The shell that reads its lines from a pipe. `login`: with what the login's profile sets, as on a host; in a
    container that would take the image's PATH away."""
    return ("/bin/sh", "-c", f'{_FIND_SHELL}exec "$SHELL"{" -l" if login else ""}', NAME)


def sftp(server: bytes, where: str) -> tuple[str, ...]:
    """The place's own sftp-server, else `server`, Python's source of one, else a sentence on stderr. `where`: as a
    person types it."""
    packed = base64.b64encode(zlib.compress(server, 9)).decode()
    run = f"import base64,zlib;exec(compile(zlib.decompress(base64.b64decode('{packed}')),'sftp-server','exec'))"
    sentence = f"gpuws: {where} has neither an sftp-server nor Python: scp -O and gpuws cp do without"
    script = (
        f'for server in {" ".join(_SFTP_SERVERS)}; do [ -x "$server" ] && exec "$server"; done; '
        # One that is too old to compile it is none; -I: what lies in the working directory is not run.
        f'for python in {" ".join(_PYTHONS)}; do "$python" -c "import sys; sys.exit(sys.version_info < (3, 6))" '
        f'2>/dev/null && exec "$python" -IS -c "$1"; done; printf "%s\\n" "$2" >&2; exit {NO_SFTP}'
    )
    return ("/bin/sh", "-c", script, "sftp-server", run, sentence)
