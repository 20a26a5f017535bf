"""Whether what containers of mine want of a host is to be had: one short program there, which reads and changes
nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gpuws.link.place import Place
from gpuws.model.checkup.facts import Claims, Owned
from gpuws.model.errors import GpuwsError, HostError
from gpuws.model.text import plain

TIMEOUT = 9.0  # seconds
MOST = 1000
"""Files of root's that are counted."""
DIRECTORIES = 12

# Arguments: ports as /proc writes them, `--`, directories. Those on a file server are left alone, since it may hang
# and squashes root anyway; so are those that are not mine: that root's files lie in /usr is no trouble. All
# directories share four seconds.
_SCRIPT = r"""
PATH=$PATH:/usr/local/bin:/usr/bin:/bin
LC_ALL=C
export LC_ALL
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep ' 0A ' |
while read -r slot place far state queues timer again uid rest; do
  case $state in 0A) ;; *) continue ;; esac
  port=${place##*:} login=
  for wanted; do
    case $wanted in --) break ;; "$port") login=$(id -un "$uid" 2>/dev/null || echo "$uid") ;; esac
  done
  echo "listens $port $login"
done
while [ "$1" != -- ]; do shift; done
shift
[ "$(id -u)" != 0 ] && command -v timeout >/dev/null 2>&1 || set --
far=$(while read -r device mount kind rest; do
  case $kind in
    nfs*|cifs|smb*|fuse*|ceph|lustre|gluster*|9p|afs|beegfs*|gpfs|autofs|pvfs*|orangefs) printf '%s\n' "$mount" ;;
  esac
done </proc/self/mounts)
number=0
until=$(($(date +%s) + 4))
for path; do
  number=$((number + 1))
  near=1
  while read -r mount; do
    case $path/ in "${mount:-/dev/null/}"/*) near= ;; esac
  done <<MOUNTS
$far
MOUNTS
  left=$((until - $(date +%s)))
  [ "$near" ] && [ "$left" -gt 0 ] && [ ! -L "$path" ] && [ -d "$path" ] && [ -O "$path" ] || continue
  {
    nice -n 10 timeout "$left" find "$path" -xdev -mindepth 1 -user 0 -printf 'root %P\n' 2>/dev/null
    echo "status $?"
  } | head -n 1001 | sed "s/^/$number /"
done
echo end
"""


def claims(place: Place, ports: Sequence[int], paths: Sequence[str]) -> Claims | None:
    """None where it can't be told; `ports` are those whose listeners have a name. HostError where the link is lost.

    What is `owned` bears no workspace's name yet."""
    asked = [path for path in paths if path.startswith("/")][:DIRECTORIES]
    words = [*(f"{port:04X}" for port in ports), "--", *asked]
    try:
        done = place.run(["sh", "-c", _SCRIPT, "sh", *words], timeout=TIMEOUT)
    except HostError:
        raise
    except GpuwsError:
        return None
    return parse(done.stdout.decode(errors="replace"), asked)


def parse(text: str, paths: Sequence[str]) -> Claims | None:
    lines = text.splitlines()
    if "end" not in lines:
        return None
    return Claims(_listening(lines), tuple(_owned(lines, paths)))


def _listening(lines: Sequence[str]) -> Mapping[int, str]:
    """A login of whoever is not root is kept: the engine's own program listens beside it on another address."""
    found: dict[int, str] = {}
    for line in lines:
        if told := re.fullmatch(r"listens ([0-9A-F]{4}) ?(\S{0,60})", line):
            found[int(told[1], 16)] = plain(told[2], 40) or found.get(int(told[1], 16), "")
    return found


def _owned(lines: Sequence[str], paths: Sequence[str]) -> list[Owned]:
    found = []
    for number, path in enumerate(paths, 1):
        head = f"{number} root "
        names = [line.removeprefix(head) for line in lines if line.startswith(head)]
        whole = f"{number} status 0" in lines  # else it was ended, or kept out somewhere
        if names:
            found.append(Owned("", path, min(len(names), MOST), plain(names[0], 200), more=not whole))
    return found
