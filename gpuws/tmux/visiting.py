"""In somebody else's session: looking on without a trace in it, or writing into it because that was asked for."""

from __future__ import annotations

from gpuws.model.session.terminal import MyTerminal
from gpuws.model.session.tmux import NEWER, STAYS, leaves, look_words, script, visit_words
from gpuws.model.text import plain
from gpuws.tmux.sessions import at

WORDS = look_words("$id")
# tmux ignores the size of an `ignore-size` client only while another client is attached: a session that was left to
# train would take my size (seen with 3.3a). So a second client stands by, in control mode, which has no size. It is
# there before mine, and ends with it, as its input does.
_LOOK = rf"""
look() {{
  {{
    tries=0
    until beside; do
      tries=$((tries + 1)); [ "$tries" -lt 60 ] || {{ echo "[exited]" >&3; exit 1; }}
      sleep 0.05 2>/dev/null || sleep 1
    done
    {script(WORDS[:2])} $2 {script(WORDS[2:])} ";" display-message -c "$(tty)" -d {STAYS} "$1" >&3
  }} 3>&1 | tmux -u -N -C attach-session -E -f read-only,no-output -t "$id" >/dev/null 2>&1
}}
beside() {{
  case $(tmux -u list-clients -t "$id" -F '#{{client_flags}}' 2>/dev/null) in *control-mode*) return 0 ;; esac
  return 1
}}
"""

# For tmux before 3.2: what the active pane shows, once a second and after each key, without any client.
_SHOW = r"""
show() {
  saved=$(stty -g); stty -echo -icanon min 0 time 10
  trap 'stty "$saved"; printf "\033[?7h\033[?25h\033[?1049l%s\n" "$ended"' EXIT
  trap 'exit 0' HUP INT TERM
  printf '\033[?1049h\033[?25l\033[?7l'
  end=$(printf '\033[0m\033[K.')
  while frame=$(tmux -u capture-pane -p -e -t "$id" 2>/dev/null); do
    rows=$(stty size); rows=$((${rows% *} - 1))
    printf '\033[H'; printf '%s\n' "$frame" | head -n "$rows" | sed "s/\$/${end%.}/"
    printf '\033[J\033[7m%s\033[0m' "$1"
    case $(dd bs=1 count=1 2>/dev/null) in q|d) exit 0 ;; esac
  done
  ended="[exited]"
}
"""

# Without a terminal tmux 3.2 says so, an older one that it doesn't know the flag: in either case nothing is entered.
_ASK = f"""
case $({script(WORDS)} </dev/null 2>&1) in *"not a terminal"*) look "$2" "$4" ;; *) show "$3" ;; esac
"""


def look_argv(
    tmux_id: str,
    note: str,
    mine: MyTerminal = MyTerminal(),  # noqa: B008 - frozen
    *,
    socket: str = "",
) -> list[str]:
    """The program that shows a session on a PTY, `mine`, and lets nothing through. ctrl-b d ends it.

    `note`: shown to this client alone, once, behind the keys that leave."""
    words = [tmux_id, _told(note, mine), f"{plain(note, 200)}  q leaves", "-TRGB" if mine.truecolor else "-u"]
    return ["sh", "-c", f"{at(socket)}id=$1{_LOOK}{_SHOW}{_ASK}", "sh", *words]


def write_argv(
    tmux_id: str,
    note: str,
    mine: MyTerminal = MyTerminal(),  # noqa: B008 - frozen
    *,
    detach_others: bool = False,
    socket: str = "",
) -> list[str]:
    """The program that shows a session on a PTY, `mine`, as its owner's own client would; no session is made."""
    words = visit_words(tmux_id, detach_others=detach_others, socket=socket)
    colours = f"v=$(tmux -V); v=${{v#tmux }}; {NEWER}" if mine.truecolor else ""
    entered = f"exec {script(words[:2])} ${{new:+-TRGB}} {script(words[2:])}"
    return ["sh", "-c", f'{colours}{entered} \\; display-message -c "$(tty)" "$1"', "sh", _told(note, mine)]


def _told(note: str, mine: MyTerminal) -> str:
    """As tmux prints it: it would expand `#{…}`, run `#(…)`, and put the time for `%H`."""
    said = plain(note, 200).replace("#", "##").replace("%", "%%").rstrip(";")
    return " · ".join(part for part in (leaves(mine), said) if part)
