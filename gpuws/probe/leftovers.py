"""What programs of mine left behind on a host: one short program there, which reads and changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gpuws.link.place import Place
from gpuws.model.checkup.facts import Leftovers, Opener
from gpuws.model.errors import GpuwsError, HostError
from gpuws.model.text import plain

TIMEOUT = 8.0  # seconds
MOST = 200
"""Lines of a kind."""
LARGE = 1000
"""Of those that are summed up."""
BLOCK = 512
"""Bytes: what find counts in; a file may be larger than the memory that it has."""

# Memory that was made within ten minutes may still wait for the program that it is for. /proc shows what my own
# processes have open; those that hide it even from me (setuid, agents of keys) share no memory.
_SCRIPT = r"""
PATH=$PATH:/usr/local/bin:/usr/bin:/bin
LC_ALL=C
export LC_ALL
me=$(id -u)
ticks() {
  read -r stat 2>/dev/null <"/proc/$1/stat" || return
  set -- ${stat##*)}
  [ $# -ge 20 ] && shift 19 && echo "$1"
}
if [ -d /dev/shm ]; then
  find /dev/shm -maxdepth 1 -type f -user "$me" -mmin +10 -printf 'shm %b %p\n' 2>/dev/null | head -n 200
fi
grep -oh '/dev/shm/[^ ]*$' /proc/[0-9]*/maps 2>/dev/null | sort -u | sed 's/^/open /'
ls -l /proc/[0-9]*/fd 2>/dev/null | sed -n 's|.* -> \(/dev/shm/.*\)|open \1|p' | sort -u
for file in $(grep -l ipykernel /proc/[0-9]*/cmdline 2>/dev/null); do
  process=${file%/cmdline}
  [ -O "$process" ] || continue
  parent=$(sed -n 's/^PPid:[^0-9]*//p' "$process/status" 2>/dev/null)
  reaper=$(cat "/proc/${parent:-0}/comm" 2>/dev/null)
  pid=${process#/proc/}
  case $(tr '\0' '\n' 2>/dev/null <"$file" | head -n 3 | tr '\n' ' ') in
    *python*' -m ipykernel'*) echo "kernel $pid ${parent:-0} $reaper"; echo "began $pid $(ticks "$pid")" ;;
  esac
done
here=$(readlink /proc/self/ns/pid)
find /proc/[0-9]*/fd -maxdepth 1 -lname '/dev/nvidia[0-9]*' -printf '%h %l\n' 2>/dev/null | sort -u | head -n 200 |
while read -r process device; do
  process=${process%/fd}
  [ -O "$process" ] && [ "$(readlink "$process/ns/pid")" = "$here" ] || continue
  grep -q gpuws-probe "$process/cmdline" 2>/dev/null && continue
  pid=${process#/proc/}
  echo "device $pid ${device#/dev/nvidia} $(ticks "$pid") $(cat "$process/comm" 2>/dev/null)"
done
for file in $(grep -l "/user@$me\.service/" /proc/[0-9]*/cgroup 2>/dev/null | head -n 200); do
  name=$(cat "${file%/cgroup}/comm" 2>/dev/null)
  case $name in
    tmux*|screen) echo "managed ${name%%:*}" ;;
    *) grep -q gpuws "$file" 2>/dev/null && echo "managed $name" ;;
  esac
done
command -v timeout >/dev/null 2>&1 && for place in /dev/shm /tmp; do
  timeout 2 find "$place" -xdev -maxdepth 2 -type f -size +8192k -printf "large $place %u %b\n" 2>/dev/null |
    head -n 500
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
    managed = dict.fromkeys(plain(line.removeprefix("managed "), 40) for line in lines if line.startswith("managed "))
    return Leftovers(
        tuple(shm[:MOST]),
        tuple(lost[:MOST]),
        tuple((int(one[1]), int(one[2])) for one in _all(r"began (\d{1,7}) (\d{1,15})", lines) if int(one[1]) in lost),
        tuple(_openers(lines)),
        tuple(managed),
        tuple(
            (one[1], plain(one[2], 40), int(one[3]) * BLOCK)
            for one in _all(r"large (/dev/shm|/tmp) (\S{1,40}) (\d{1,15})", lines)
        ),
    )


def _openers(lines: Sequence[str]) -> Iterator[Opener]:
    for one in _all(r"device (\d{1,7}) (\d{1,3}) (\d{1,15}) ?(.*)", lines):
        yield Opener(int(one[1]), int(one[2]), int(one[3]), plain(one[4], 40))


def _all(pattern: str, lines: Sequence[str]) -> list[re.Match[str]]:
    return [found for line in lines if (found := re.fullmatch(pattern, line))][:LARGE]
