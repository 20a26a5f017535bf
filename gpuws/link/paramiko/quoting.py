"""A command line that means the same to every login shell: sh, csh, fish. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from gpuws.model.errors import UsageError

# sshd hands the command to the login shell, whatever that is. `exec /bin/sh -c '…'` is understood by all of them;
# inside the quotes only what all leave alone may stand: fish reads backslashes there, csh reads `!` and newlines.
_APART = str.maketrans({"'": "'\"'\"'", "\\": "'\\\\'", "!": "'\\!'"})
_NEWLINE = 'n=$(printf "\\012.");n=${n%.};'


def command_line(argv: Sequence[str]) -> str:
    """Runs `argv` in place of the login shell. UsageError for what no command line can hold."""
    if any("\0" in word for word in argv):
        raise UsageError("a command can't hold a NUL character")
    script = "exec " + " ".join(shlex.quote(word).replace("\n", "'\"$n\"'") for word in argv)
    if "\n" in "".join(argv):
        script = _NEWLINE + script
    return f"exec /bin/sh -c '{script.translate(_APART)}'"
