"""What a checkup must know of a host beyond its samples: one short program there, which reads and changes nothing."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence

from gpuws.link.place import Place
from gpuws.model.checkup.facts import MachineFacts
from gpuws.model.errors import GpuwsError, HostError
from gpuws.model.gpu.reading import Disk
from gpuws.model.text import plain

TIMEOUT = 10.0  # seconds
LARGEST = 15  # digits of a number that makes sense

# Nothing of it looks into home directories: they may lie on a file server that hangs.
_SCRIPT = r"""
echo "now $(date +%s.%N)"
PATH=$PATH:/usr/local/bin:/usr/bin:/bin
echo "ids $(id -u) $(id -G)"
grep ' /proc proc ' /proc/mounts | sed 's/^/mount /'
echo "shm $(df -Pk /dev/shm 2>/dev/null | tail -n 1)"
echo "tmp $(df -Pk /tmp 2>/dev/null | tail -n 1)"
grep -E '^(MemAvailable|SwapTotal|SwapFree):' /proc/meminfo
command -v tmux >/dev/null 2>&1 && echo "tmux $(tmux -V 2>/dev/null)"
if [ -d /sys/bus/pci/devices ]; then
  cards=0
  for device in /sys/bus/pci/devices/*; do
    vendor= class=
    read -r vendor 2>/dev/null <"$device/vendor"
    [ "$vendor" = 0x10de ] && read -r class 2>/dev/null <"$device/class"
    case $class in 0x0300*|0x0302*) cards=$((cards + 1)) ;; esac
  done
  echo "cards $cards"
fi
[ -r /sys/module/nvidia/version ] && echo "module $(cat /sys/module/nvidia/version)"
if command -v loginctl >/dev/null 2>&1 && command -v timeout >/dev/null 2>&1; then
  timeout 3 loginctl show-user -p KillUserProcesses 2>/dev/null
  if [ -e "/var/lib/systemd/linger/$(id -un)" ]; then echo Linger=yes; else echo Linger=no; fi
fi
true
"""


def examine(place: Place, clock: Callable[[], float] = time.time) -> MachineFacts:
    """HostError where the link is lost; a host that can't run the program has told nothing."""
    began = clock()
    try:
        done = place.run(["sh", "-c", _SCRIPT], timeout=TIMEOUT)
    except HostError:
        raise
    except GpuwsError:
        return MachineFacts()
    return parse(done.stdout.decode(errors="replace"), began, clock())


def parse(text: str, began: float, ended: float) -> MachineFacts:
    """`began`, `ended`: the workstation's clock around the program, epoch seconds."""
    swap, free = _kib(text, "SwapTotal"), _kib(text, "SwapFree")
    return MachineFacts(
        ahead=_ahead(_word(text, r"^now (\d{9,12}(?:\.\d+)?)$"), began, ended),
        hidepid=_hidepid(text),
        shm=_disk(text, "shm", "/dev/shm"),
        tmp=_disk(text, "tmp", "/tmp"),
        memory_available=_kib(text, "MemAvailable"),
        swap_total=swap,
        swap_used=None if swap is None or free is None else max(swap - free, 0),
        tmux=plain(_word(text, r"^tmux (tmux \S+)") or "", 40) or None,
        cards=int(cards) if (cards := _word(text, r"^cards (\d{1,3})$")) else None,
        module=_word(text, r"^module ([\d.]{1,30})$"),
        kills=_yes(text, "KillUserProcesses"),
        lingers=_yes(text, "Linger"),
    )


def _ahead(told: str | None, began: float, ended: float) -> float | None:
    """Of what the time between question and answer can't explain."""
    if told is None:
        return None
    there = float(told)
    return there - ended if there > ended else min(there - began, 0.0)


def _hidepid(text: str) -> str | None:
    """The last mount counts; neither root nor members of the group of `gid=` are kept from anything."""
    mounts = re.findall(r"^mount \S+ /proc proc (\S+)", text, re.MULTILINE)
    if not mounts:
        return None
    options = dict(option.partition("=")[::2] for option in mounts[-1].split(","))
    hidden = plain(options.get("hidepid", ""), 20)
    return "" if hidden in ("0", "off") or _exempt(text, options.get("gid", "")) else hidden


def _exempt(text: str, group: str) -> bool:
    ids: Sequence[str] = (_word(text, r"^ids ([\d ]+)$") or "").split()
    return bool(ids) and (ids[0] == "0" or (group != "" and group in ids[1:]))


def _disk(text: str, word: str, mount: str) -> Disk | None:
    """What df says of it; None where it lies on another file system."""
    size = rf"(\d{{1,{LARGEST}}})"
    found = re.search(rf"^{word} \S+\s+{size}\s+{size}\s+\d+\s+\d+% {mount}$", text, re.MULTILINE)
    return Disk(mount, int(found[2]) << 10, int(found[1]) << 10) if found else None


def _kib(text: str, name: str) -> int | None:
    found = _word(text, rf"^{name}:\s+(\d{{1,{LARGEST}}}) kB$")
    return int(found) << 10 if found else None


def _yes(text: str, name: str) -> bool | None:
    found = _word(text, rf"^{name}=(yes|no)$")
    return found == "yes" if found else None


def _word(text: str, pattern: str) -> str | None:
    found = re.search(pattern, text, re.MULTILINE)
    return found[1] if found else None
