"""What runs on such a host: a POSIX shell that keeps `nvidia-smi` looping, and says how the machine is.

It writes nothing and ends with its stdin, or when nothing came for a while."""

from __future__ import annotations

MARK = "gpuws-smi"
LEASE = 30  # seconds without a word from the client
LISTED = "/proc/driver/nvidia/gpus"
SLOW_ROUND = 20  # seconds that one GPU may take where they are asked one by one
LISTS_FOR = 300  # seconds of a loop of lists of processes, until there is one again that says where it ends
BEAT = b"b"  # what the client says as long as it is there

FULL = (
    *("timestamp", "count", "index", "uuid", "name", "pci.bus_id", "driver_version"),
    *("memory.used", "memory.total", "utilization.gpu", "temperature.gpu", "power.draw", "power.limit"),
    *("fan.speed", "persistence_mode", "mig.mode.current"),
)
# One name that a driver does not know fails the whole query: these every driver knows.
MINIMAL = ("timestamp", "count", "index", "uuid", "name", "memory.used", "memory.total", "utilization.gpu")
PROCESSES = ("timestamp", "gpu_uuid", "pid", "used_memory")

# Lines of nvidia-smi come as they are, errors among them; what else is said begins with the mark.
# `-l` never ends by itself. Where it does, a field is unknown or one GPU is broken: then fewer fields, then one by one.
# A program that starts is the dearest part of all, so processes come by a loop as well. It does not say where its lists
# end, and an empty one has no line at all: the first list is asked for alone, and one of every so many after it.
SCRIPT = f"""
LC_ALL=C; export LC_ALL
every=$1 lease=$2 listed=$3
for smi in nvidia-smi /usr/bin/nvidia-smi /usr/lib/wsl/lib/nvidia-smi /run/current-system/sw/bin/nvidia-smi \
           /usr/local/nvidia/bin/nvidia-smi /opt/bin/nvidia-smi ''; do
  command -v "$smi" >/dev/null 2>&1 && break
done
for limit in timeout ''; do
  command -v "$limit" >/dev/null 2>&1 && break
done
child=
stop() {{ trap - TERM; [ -n "$child" ] && kill "$child" 2>/dev/null; exit 0; }}
ask() {{ "$@" --format=csv,noheader,nounits 2>&1 & child=$!; wait "$child"; status=$?; child=; }}
pause() {{ sleep "$1" & child=$!; wait "$child"; child=; }}
one_by_one() {{
  for folder in "$listed"/*/; do
    [ -r "$folder/information" ] || continue
    uuid= name=
    while IFS=: read -r key value; do
      case $key in *UUID*) uuid=$value ;; Model*) name=$value ;; esac
    done <"$folder/information"
    bus=${{folder%/}}; bus=${{bus##*/}}
    echo "{MARK} gpu $bus |$uuid |$name"
    ask ${{limit:+timeout -s KILL {SLOW_ROUND}}} "$smi" -i "$bus" --query-gpu={",".join(MINIMAL)}
  done
  echo "{MARK} round"
}}
gpus() {{
  trap stop TERM
  while :; do
    ask "$smi" --query-gpu={",".join(FULL)} -l "$every"
    echo "{MARK} fewer"
    ask "$smi" --query-gpu={",".join(MINIMAL)} -l "$every"
    echo "{MARK} single"
    for _ in 1 2 3 4 5 6; do one_by_one; pause 10; done
  done
}}
processes() {{
  trap stop TERM
  while :; do
    ask "$smi" --query-compute-apps={",".join(PROCESSES)}
    echo "{MARK} listed $status"
    if [ "$status" -eq 0 ]; then
      ask ${{limit:+timeout {LISTS_FOR}}} "$smi" --query-compute-apps={",".join(PROCESSES)} -l "$((every * 2))"
      [ "$status" -ne 124 ] || continue
    fi
    pause "$((every * 2))"
  done
}}
machine() {{
  trap stop TERM
  while :; do
    load= total= available= cpu=
    read -r load _ </proc/loadavg
    read -r _ cpu </proc/stat
    while read -r key value _; do
      case $key in MemTotal:) total=$value ;; MemAvailable:) available=$value; break ;; esac
    done </proc/meminfo
    echo "{MARK} host $load|$total|$available|$cpu"
    pause "$every"
  done
}}
if [ -z "$smi" ] && [ -e "$listed" ]; then echo "{MARK} start unread"; else echo "{MARK} start ${{smi:-none}}"; fi
machine </dev/null & jobs=$!
if [ -n "$smi" ]; then
  gpus </dev/null & jobs="$jobs $!"
  processes </dev/null & jobs="$jobs $!"
fi
trap 'kill $jobs 2>/dev/null; exit 0' TERM HUP INT
while said=$(${{limit:+timeout "$lease"}} head -c 1) && [ -n "$said" ]; do :; done
kill $jobs 2>/dev/null
"""

# What /proc and ps tell of each pid, for $@. `user` alone would be cut at eight letters, and without -ww all of it at
# $COLUMNS. Where there is no ps, or busybox', /proc alone does, which does not say since when.
DESCRIBE = f"""
for pid; do
  [ -r "/proc/$pid/cgroup" ] || continue
  cgroup= inner=
  while read -r line; do cgroup="$cgroup$line;"; done <"/proc/$pid/cgroup"
  while read -r key value; do case $key in NSpid:) inner=$value ;; esac; done <"/proc/$pid/status"
  told=$(ps -ww -o user:32= -o uid= -o etimes= -o args= -p "$pid" 2>/dev/null)
  [ -n "$told" ] || told="$(stat -c '%U %u' "/proc/$pid") ? $(head -c 4096 "/proc/$pid/cmdline" | tr '\\000\\n' '  ')"
  echo "{MARK} pid $pid|$inner|$cgroup|$told"
done
"""


def argv(interval: float, lease: int = LEASE, listed: str = LISTED) -> list[str]:
    """`interval`: seconds, of which nvidia-smi takes whole ones. `listed`: where the driver lists its GPUs."""
    return ["sh", "-c", SCRIPT, "gpuws-probe", str(pace(interval)), str(lease), listed]


def pace(interval: float) -> int:
    """Seconds between two answers about the GPUs; processes are listed half as often."""
    return max(int(interval), 1)


def describe_argv(pids: list[int]) -> list[str]:
    return ["sh", "-c", DESCRIBE, "gpuws-probe", *map(str, pids)]
