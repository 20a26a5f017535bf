"""A command line that means the same to every login shell: sh, csh, fish, nushell. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from gpuws.model.errors import UsageError

# sshd hands the command to the login shell, whatever that is. `exec /bin/sh -c '…'` is understood by all of them, and
# inside the quotes only what all leave alone may stand: fish reads `\\` there, csh `!` and newlines, nushell knows no
# way to have a quote there. What else there is goes by its number, which printf turns back.
_MISTAKEN = re.compile(r"['\\!\n]")
_BY_NUMBER = {ord(letter): f"\\{ord(letter):03o}" for letter in "'\\!\n\"$`"} | {ord("%"): "%%"}


def command_line(argv: Sequence[str], shell: str | None = None) -> str:
    """Runs `argv` in place of the login shell. `shell`: what is asked to do so instead of /bin/sh, by its path or, for
    a login that takes no paths (rbash), its name. UsageError for what no command line can hold."""
    if any("\0" in word for word in argv):
        raise UsageError("a command can't hold a NUL character")
    script = f"exec {shlex.join(argv)}"
    if _MISTAKEN.search(script):
        script = f'eval "$(printf "{script.translate(_BY_NUMBER)}")"'
    return f"{shell or 'exec /bin/sh'} -c '{script}'"
