"""What runs on the host: short programs for its bash, and coreutils.

Of each workspace there is a directory, 0700, named by its id under the boot's: `meta` (a line of JSON), `node` (the
host's name), `pid` (number and start of its first process), `exit` (status and time), `log`, `activate`. Homes are
shared by NFS: a process is only taken for it where host, boot, number, start and mark agree. The mark stands in the
environment of all its programs, which only I can read. No value of the environment is written there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

MARK = "GPUWS_WORKSPACE"
"""Variable that each program of a workspace has."""
Name = Literal["look", "begin", "end", "inside"]
"""What one is for, as the log of what was run tells it."""
PATIENCE = 20.0
"""Seconds for one of these."""
BRIEFLY = 4.0
"""Seconds for a list: those of other engines wait for it."""
LARGEST_LOG = 32 << 20
"""Bytes, after which a new file is begun; the one before is kept."""
GONE = 125

_COMMON = r"""
export LC_ALL=C
root=$HOME/.local/state/gpuws/process boot=$(</proc/sys/kernel/random/boot_id) node=$(uname -n)
begun() { local s; { read -r s <"/proc/$1/stat"; } 2>/dev/null || return 1; s=${s##*) }; set -- $s; echo "${20}"; }
is() { [ "$(begun "$1")" = "$2" ] && grep -qsF "GPUWS_WORKSPACE=$3" "/proc/$1/environ"; }
lives() { pid= start=; { read -r pid start <"$1/pid"; } 2>/dev/null && is "$pid" "$start" "${1##*/}"; }
here() { [ "$(cat "$1/node" 2>/dev/null)" = "$node" ]; }
marked() { grep -lsF "GPUWS_WORKSPACE=$1" /proc/[0-9]*/environ | cut -d/ -f3 | grep -vx "$$"; }
"""

LIST = (
    _COMMON
    + r"""
echo gpuws-process
for d in "$root"/*/p-*; do
  [ -r "$d/meta" ] && here "$d" || continue
  state=gone pid=0 exit=
  case $d in
    "$root/$boot/"*) if lives "$d"; then state=lives; elif [ ! -e "$d/pid" ]; then state=begins; else state=ended; fi ;;
  esac
  { read -r exit <"$d/exit"; } 2>/dev/null
  printf '%s %s %s [%s] ' "${d##*/}" "$state" "${pid:-0}" "$exit"
  cat "$d/meta"
done
"""
)

# $1 id, $2 meta, $3 what activates, $4 session, $5 directory, $6 yes: with a log, $7 a scope's words or "", then the
# program. The environment comes on stdin, each NAME=VALUE ends with a NUL.
_LOG = (
    'trap "" TERM HUP INT; cd "$GPUWS_DIR" || exit; '
    f"while dd bs=65536 count={LARGEST_LOG} iflag=count_bytes status=none >>log 2>/dev/null; "
    f'[ "$(wc -c <log)" -ge {LARGEST_LOG} ]; do mv log log.old; done'
)
_MAIN = (
    'd=$GPUWS_DIR; trap : TERM INT QUIT HUP; export SHELL="${SHELL:-/bin/bash}"; '
    'if [ -s "$d/activate" ] && ! . "$d/activate"; then echo "gpuws: activate failed" >&2; s=78; '
    'elif [ $# != 0 ]; then "$@"; s=$?; elif [ -t 0 ]; then "$SHELL" -i; s=$?; else sleep infinity; s=$?; fi; '
    'echo "$s $(date +%s)" >"$d/exit.new" && mv "$d/exit.new" "$d/exit"'
)
START = (
    (
        _COMMON
        + r"""
umask 077
id=$1 meta=$2 activate=$3 session=$4 directory=$5 log=$6 scope=$7
shift 7
d=$root/$boot/$id
mkdir -p "$root/$boot" && mkdir "$d" || { echo "can't make $d" >&2; exit 1; }
tmp=/tmp/gpuws-$id
undo() { rm -rf "$d" "$tmp"; rmdir "$root/$boot" "$root" "${root%/*}" 2>/dev/null; exit 1; }
mkdir "$tmp" || undo
echo "$node" >"$d/node"; printf '%s' "$activate" >"$d/activate"; printf '%s\n' "$meta" >"$d/meta"
cd -- "$directory" || undo
while IFS= read -r -d '' line; do export "$line"; done
export GPUWS_WORKSPACE="$id" GPUWS_DIR="$d" TMUX_TMPDIR="$tmp"
unset TMUX TMUX_PANE LC_ALL
main='@MAIN@' keep='@LOG@'
if command -v tmux >/dev/null; then
  pipe=()
  [ "$log" != yes ] || pipe=(';' pipe-pane -o "exec bash -c '$keep'")
  $scope tmux -u new-session -d -x 200 -y 50 -s "$session" bash -c "$main; exec tmux kill-server" gpuws-workspace "$@" \
    "${pipe[@]}" </dev/null >&2 || { [ -e "$d/exit" ] || undo; }
  pid=$(tmux display-message -p '#{pid}' 2>/dev/null) || pid=0
else
  exec 3> >(exec setsid bash -c "$keep" >/dev/null 2>&1 3>&-)
  $scope setsid bash -c "$main" gpuws-workspace "$@" </dev/null >&3 2>&1 3>&- &
  pid=$!
  exec 3>&-
  for _ in 1 2 3 4 5; do [ "$(cut -d' ' -f6 /proc/$pid/stat 2>/dev/null)" = "$pid" ] && break; sleep 0.05; done
fi
echo "$pid $(begun "$pid")" >"$d/pid.new" && mv "$d/pid.new" "$d/pid"
echo "gpuws-process $pid"
"""
    )
    .replace("@MAIN@", _MAIN)
    .replace("@LOG@", _LOG)
)

# $1 id, $2 seconds of grace; KILL comes at once with 0. Whoever ignores TERM, as a shell at its prompt does, is hung up
# once the others have ended; what began the workspace writes down how it ended.
END = (
    _COMMON
    + r"""
id=$1 grace=$2 d=$root/$boot/$1
[ -d "$d" ] && here "$d" || exit 125
asked() { for p in $(marked "$id"); do
    case "$(cat /proc/$p/comm /proc/$p/cmdline 2>/dev/null | tr '\0' ' ')" in
      *"tmux: server"*|*gpuws-workspace*) continue ;;
    esac
    grep -qs 'SigIgn:.............[4-7c-f]...$' /proc/$p/status || echo $p
  done; }
ticks=$((grace * 10))
if [ "$grace" -gt 0 ]; then
  for p in $(asked); do kill -TERM $p 2>/dev/null; done
  while [ -n "$(asked)" ] && [ $ticks -gt 0 ]; do sleep 0.1; ticks=$((ticks - 1)); done
  for p in $(asked); do kill -KILL $p 2>/dev/null; done
  TMUX_TMPDIR=/tmp/gpuws-$id tmux kill-server 2>/dev/null
  for _ in 1 2 3 4 5 6 7 8 9 10; do [ -n "$(marked "$id")" ] || break; sleep 0.1; done
fi
for _ in 1 2 3; do
  for p in $(marked "$id"); do kill -KILL $p 2>/dev/null; done
  [ -n "$(marked "$id")" ] || break
  sleep 0.1
done
[ -e "$d/exit" ] || echo "137 $(date +%s)" >"$d/exit"
rm -rf "/tmp/gpuws-$id"
"""
)

REMOVE = (
    _COMMON
    + r"""
for d in "$root"/*/"$1"; do
  here "$d" || continue
  case $d in
    "$root/$boot/"*) [ -z "$(marked "$1")" ] || { echo "programs of it run: rm --force ends them" >&2; exit 1; } ;;
  esac
  rm -rf "$d" "/tmp/gpuws-$1"; rmdir "${d%/*}" "$root" "${root%/*}" 2>/dev/null
done
true
"""
)

# $1 id, $2 directory or "", then the program.
ENTER = (
    _COMMON
    + r"""
d=$root/$boot/$1 directory=$2 term=$TERM
shift 2
lives "$d" || { echo "gpuws: it has ended" >&2; exit 125; }
unset LC_ALL
while IFS= read -r -d '' line; do export "$line" 2>/dev/null; done <"/proc/$pid/environ"
export TERM="$term"; unset TMUX TMUX_PANE
[ -z "$directory" ] && directory=$(readlink "/proc/$pid/cwd")
cd -- "$directory" || exit 126
[ -s "$d/activate" ] && . "$d/activate"
[ $# -gt 0 ] || set -- "${SHELL:-bash}" -i
exec "$@"
"""
)

# $1 id, $2 lines or "all", $3 yes: follow. Of one without a log what its screen showed last.
LOG = (
    _COMMON
    + r"""
for d in "$root"/*/"$1"; do here "$d" && break; done
[ -d "$d" ] || exit 125
lines=$2; [ "$lines" != all ] || lines=+1
if [ ! -e "$d/log" ]; then
  TMUX_TMPDIR=/tmp/gpuws-$1 tmux capture-pane -p -S - 2>/dev/null | tail -n "$lines"
elif [ "$3" = yes ] && lives "$d"; then
  exec tail -n "$lines" --pid="$pid" -s 0.5 -F "$d/log" 2>/dev/null
else
  cat "$d/log.old" "$d/log" 2>/dev/null | tail -n "$lines"
fi
"""
)

# $1 directory. A line each of what a launch must know of the host.
LOOK = r"""
export LC_ALL=C
command -v tmux >/dev/null && echo tmux
[ -d "$1" ] && echo directory
mem=$(cat "/sys/fs/cgroup/user.slice/user-$(id -u).slice/user@$(id -u).service/cgroup.controllers" 2>/dev/null)
command -v systemd-run >/dev/null && systemctl --user show-environment >/dev/null 2>&1 && echo "systemd $mem"
[ -e "/var/lib/systemd/linger/$(id -un)" ] && echo linger
[ -d /run/systemd/system ] && cd /etc/systemd && \
  grep -qsi '^KillUserProcesses=yes' logind.conf logind.conf.d/* && echo kills
true
"""


def argv(name: Name, script: str, words: Sequence[str] = ()) -> list[str]:
    """What the host is to run."""
    return ["bash", "-c", script, f"gpuws-process-{name}", *words]
