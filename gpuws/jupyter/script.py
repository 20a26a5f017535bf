"""The program that looks for Jupyter servers where they run: a shell's, since a place may have no Python of its own.

It tells of processes that may be servers (`P`), of their environment (`E`) and sockets (`S`), of the records that
servers wrote (`R`), and of what listens (`L`). What follows from that `records.py` says."""

from __future__ import annotations

MARK = "gpuws-jupyter"
MOST_PROCESSES = 64

# Records lie where jupyter_core has them: by my environment, by that of each process that may be a server, by the home
# of whoever runs it, and in the folder that a kernel's command line names. With an argument all users count; else only
# what is mine. Nothing counts that lives in another container: its pids and paths are others. A process whose
# environment I may not read is told apart from those by its cgroup.
_SCRIPT = r"""
echo MARK
anyone=$1; me=$(id -u); own=$(readlink /proc/self/ns/pid); group=$(cat /proc/self/cgroup 2>/dev/null)
seen=' '; folders='
'
add() {
  case $folders in
    *"
$1
"*) ;;
    *) [ ! -d "$1" ] || folders="$folders$1
" ;;
  esac
}
look() {
  [ -z "$1" ] || add "$1"
  [ -z "$2" ] || add "$2/runtime"
  add "${3:-$4/.local/share}/jupyter/runtime"
  add "$4/Library/Jupyter/runtime"
}
environment() {
  runtime= data= share= home=; IFS='
'; set -f
  for item in $(tr '\000' '\n' <"$p/environ" 2>/dev/null); do
    case $item in
      JUPYTER_RUNTIME_DIR=*) runtime=${item#*=} ;;
      JUPYTER_DATA_DIR=*) data=${item#*=} ;;
      XDG_DATA_HOME=*) share=${item#*=} ;;
      HOME=*) home=${item#*=} ;;
      JUPYTERHUB_PUBLIC_URL=*|JUPYTERHUB_HOST=*|JUPYTERHUB_API_URL=*|JUPYTERHUB_SERVICE_PREFIX=*) echo "E $item" ;;
    esac
  done
  set +f; unset IFS
}
process() {
  case $seen in *" $1 "*) return 1 ;; esac
  seen="$seen$1 "; p=/proc/$1; may=1
  uid=$(sed -n 's/^Uid:[^0-9]*\([0-9]*\).*/\1/p' "$p/status" 2>/dev/null)
  ns=$(readlink "$p/ns/pid" 2>/dev/null)
  if [ "$ns" ]; then [ "$ns" = "$own" ] || return 1
  else [ "$anyone" ] && [ "$(cat "$p/cgroup" 2>/dev/null)" = "$group" ] || return 1; may=0
  fi
  [ "$uid" ] && { [ "$anyone" ] || [ "$uid" = "$me" ]; } || return 1
  words=$(head -c 4096 "$p/cmdline" 2>/dev/null | tr '\000\n\r' '\037  ')
  printf 'P %s %s %s %s\n' "$1" "$uid" "$may" "$words"
  [ "$may" = 1 ] || return 0
  environment
  echo "S $(ls -l "$p/fd" 2>/dev/null | sed -n 's/.*socket:\[\([0-9]*\)\]$/\1/p' | tr '\n' ' ')"
}
look "$JUPYTER_RUNTIME_DIR" "$JUPYTER_DATA_DIR" "$XDG_DATA_HOME" "$HOME"
for file in $(grep -l -i -s -E 'jupyter|notebook|ipykernel' /proc/[0-9]*/cmdline | head -n MOST); do
  pid=${file#/proc/}; pid=${pid%/cmdline}
  [ "$pid" != $$ ] && process "$pid" || continue
  if [ "$may" = 1 ]; then look "$runtime" "$data" "$share" "$home"
  else look "" "" "" "$(sed -n "s/^[^:]*:[^:]*:$uid:[^:]*:[^:]*:\([^:]*\):.*/\1/p" /etc/passwd | head -n 1)"
  fi
  kernels=$(tr '\000' '\n' <"$p/cmdline" 2>/dev/null | sed -n 's#^\(/.*\)/kernel-[^/]*\.json$#\1#p' | head -n 1)
  [ -z "$kernels" ] || add "$kernels"
done
rest=$folders
while [ "$rest" ]; do
  folder=${rest%%
*}; rest=${rest#*
}
  [ "$folder" ] || continue
  for file in "$folder"/jpserver-*.json "$folder"/nbserver-*.json; do
    [ -f "$file" ] && [ -r "$file" ] || continue
    pid=${file##*-}; pid=${pid%.json}
    case $pid in *[!0-9]*|'') continue ;; esac
    process "$pid"
    [ -d /proc/self ] || { kill -0 "$pid" 2>/dev/null && echo "K $pid"; }
    echo "R $pid $(head -c 16384 "$file" | tr '\n\r' '  ')"
  done
done
at='\([0-9A-F]*\):\([0-9A-F]*\)'
listening="s/^ *[0-9]*: $at [^ ]* 0A [^ ]* [^ ]* [^ ]* *[0-9]* *[0-9]* *\([0-9]*\) .*/L \1 \2 \3/p"
case $seen in ' ') ;; *) sed -n "$listening" /proc/net/tcp /proc/net/tcp6 2>/dev/null ;; esac
exit 0
"""
SCRIPT = _SCRIPT.replace("MARK", MARK).replace("MOST", str(MOST_PROCESSES))


def argv(*, anyone: bool) -> list[str]:
    """`anyone`: servers of all users of the place count, not mine alone."""
    return ["sh", "-c", SCRIPT, "sh", "anyone" if anyone else ""]
