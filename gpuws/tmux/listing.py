"""All sessions of the user in a place without an agent, a container or a host: one program there tells them."""

from __future__ import annotations

import secrets
import shlex

from gpuws.link.place import Place
from gpuws.model.errors import GpuwsError
from gpuws.model.session.listing import ASKED, sessions_of
from gpuws.model.session.session import Session

MARK = "gpuws-tmux"
MISSING = 127
PATIENCE = 10.0  # seconds
MOST_SHOWN, ABOVE, BELOW = 100, 19, 8
"""Panes whose screen is read, and lines of each above and below its cursor."""
_PANES = (
    "#{window_active}#{pane_active}:#{session_id}:#{pane_id}:#{cursor_x}:#{cursor_y}:#{alternate_on}:#{pane_height}"
)
# The lines are those of `gpuws/model/session/listing.py`; the same is done by the agent (`gpuws/probe/agent/tmux.py`).
# What a shell's start files print stands in front of the mark.
# Only servers of who asks: what a stranger's says would be taken apart by this shell.
# What panes show stands behind a word that nobody can know who writes on one; short words, as tmux takes 16 kB of them.
_STEPS = f"""
echo {MARK}
mark=$1
uid=$(id -u) usual=${{TMUX_TMPDIR:-/tmp}}/tmux-$(id -u)/default labels=:
told() {{ echo "server:$1:$2"; tmux -u ${{2:+-S "$2"}} {shlex.join(ASKED)} 2>/dev/null; shown "$2"; }}
shown() {{
  tmux -u ${{1:+-S "$1"}} list-panes -a -F '{_PANES}' 2>/dev/null | {{
    words='' count=0
    while IFS=: read -r active session pane x y whole height; do
      case $active$pane in 11%*) count=$((count + 1)) ;; *) continue ;; esac
      [ "$count" -le {MOST_SHOWN} ] || break
      [ "$whole" = 1 ] && middle=$((height - 1 - {BELOW})) || middle=$y
      top=$((middle - {ABOVE})); [ "$top" -ge 0 ] || top=0
      words="$words ';' display -p '${{mark}}shown:$session:$x:$y:$whole:$top'"
      words="$words ';' capturep -pt $pane -S $top -E $((middle + {BELOW}))"
    done
    [ -n "$words" ] || return
    eval "tmux -u \\${{1:+-S \\"\\$1\\"}} display -p ''$words" 2>/dev/null | sed "1d; s/^/|/; s/^|$mark//"
  }}
}}
other() {{
  case $1 in "$usual"|*:*) return ;; "${{usual%/*}}"/*|"/tmp/tmux-$uid"/*) label=${{1##*/}} ;; *) label=$1 ;; esac
  case $labels in *":$label:"*) label=$1 ;; esac
  labels=$labels$label:
  told "$label" "$1"
}}
servers() {{
  for comm in /proc/[0-9]*/comm; do
    read -r name <"$comm" && [ "$name" = "tmux: server" ] || continue
    process=${{comm%/comm}}
    [ -O "$process" ] || continue
    [ "$process/ns/mnt" -ef /proc/self/ns/mnt ] || continue
    inodes=$(ls -l "$process/fd") && while read -r _ _ _ flags _ _ inode path; do
      [ "$flags" = 00010000 ] || continue
      case $inodes in *"socket:[$inode]"*) other "$path" ;; esac
    done </proc/net/unix
  done 2>/dev/null
}}
if command -v tmux >/dev/null 2>&1; then told "" ""; servers; fi
for folder in "$SCREENDIR" "$HOME/.screen" /run/screen/S-"$(id -un)" /run/screens/S-"$(id -un)" \\
              /tmp/screens/S-"$(id -un)" /tmp/uscreens/S-"$(id -un)"; do
  for socket in "$folder"/[0-9]*.*; do
    name=${{socket##*/}}
    [ -e "$socket" ] && [ -d "/proc/${{name%%.*}}" ] || continue
    if [ -x "$socket" ]; then echo "screen:1:$name"; else echo "screen:0:$name"; fi
  done
done
command -v tmux >/dev/null 2>&1 || exit {MISSING}
"""


class NoTmux(GpuwsError):
    """There is none in that place, which does not change while one looks on."""


def list_sessions(place: Place) -> tuple[Session, ...]:
    """All sessions of the user in that place; none where no server runs. NoTmux where there is no tmux, and nothing of
    GNU screen either."""
    done = place.run(["sh", "-c", _STEPS, "sh", secrets.token_hex(4)], timeout=PATIENCE)
    _, _, told = done.stdout.decode("utf-8", "replace").partition(MARK + "\n")
    found = sessions_of(told)
    if done.status == MISSING and not found:
        raise no_tmux()
    return found


def no_tmux() -> NoTmux:
    return NoTmux("tmux is not installed there", "install it there: apt-get install tmux")
