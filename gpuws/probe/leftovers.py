"""What programs of mine left behind on a host: one short program there, which reads and changes nothing."""

from __future__ import annotations

import re

from gpuws.link.place import Place
from gpuws.model.checkup.facts import Leftovers
from gpuws.model.errors import GpuwsError, HostError
from gpuws.model.text import plain

TIMEOUT = 8.0  # seconds
MOST = 200
"""Lines of a kind."""
BLOCK = 512
"""Bytes: what find counts in; a file may be larger than the memory that it has."""

# Memory that was made within ten minutes may still wait for the program that it is for. /proc shows what my own
# processes have open; those that hide it even from me (setuid, agents of keys) share no memory.
_SCRIPT = r"""
PATH=$PATH:/usr/local/bin:/usr/bin:/bin
LC_ALL=C
export LC_ALL
if [ -d /dev/shm ]; then
  find /dev/shm -maxdepth 1 -type f -user "$(id -u)" -mmin +10 -printf 'shm %b %p\n' 2>/dev/null | head -n 200
fi
grep -oh '/dev/shm/[^ ]*$' /proc/[0-9]*/maps 2>/dev/null | sort -u | sed 's/^/open /'
ls -l /proc/[0-9]*/fd 2>/dev/null | sed -n 's|.* -> \(/dev/shm/.*\)|open \1|p' | sort -u
for file in $(grep -l ipykernel /proc/[0-9]*/cmdline 2>/dev/null); do
  process=${file%/cmdline}
  [ -O "$process" ] || continue
  parent=$(sed -n 's/^PPid:[^0-9]*//p' "$process/status" 2>/dev/null)
  reaper=$(cat "/proc/${parent:-0}/comm" 2>/dev/null)
  case $(tr '\0' '\n' 2>/dev/null <"$file" | head -n 3 | tr '\n' ' ') in
    *python*' -m ipykernel'*) echo "kernel ${process#/proc/} ${parent:-0} $reaper" ;;
  esac
done
echo end
"""
REAPERS = ("systemd", "init")
"""Who becomes the parent of what lost its own; in a container that is whatever has number 1."""


def leftovers(place: Place) -> Leftovers | None:
    """None where it can't be told. HostError where the link is lost."""
    try:
        done = place.run(["sh", "-c", _SCRIPT], timeout=TIMEOUT)
    except HostError:
        raise
    except GpuwsError:
        return None
    return parse(done.stdout.decode(errors="replace"))


def parse(text: str) -> Leftovers | None:
    """None where it does not reach its end: what has a file open may be missing."""
    lines = text.splitlines()
    if "end" not in lines:
        return None
    held = {line.removeprefix("open ").removesuffix(" (deleted)") for line in lines if line.startswith("open ")}
    found = (re.fullmatch(r"shm (\d{1,15}) (/dev/shm/[^/\s]+)", line) for line in lines)
    shm = [
        (one[2], int(one[1]) * BLOCK) for one in found if one and one[2] not in held and one[2] == plain(one[2], 200)
    ]
    kernels = (re.fullmatch(r"kernel (\d{1,7}) (\d{1,7}) ?(.*)", line) for line in lines)
    lost = [int(one[1]) for one in kernels if one and (one[2] == "1" or one[3] in REAPERS)]
    return Leftovers(tuple(shm[:MOST]), tuple(lost[:MOST]))
