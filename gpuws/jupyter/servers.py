"""Find the Jupyter servers of a Place, with their tokens, and the addresses that open them.

A token is a secret: it comes in through a pipe and goes out in a header or in a URL that is opened, never logged."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from gpuws.link.place import Place
from gpuws.model.session.notebook import JupyterServer
from gpuws.model.text import plain

MARK = "gpuws-jupyter"
PATIENCE = 15.0  # seconds
MOST_SERVERS = 32
# Every server writes what it is into a file that its user can read; this is jupyter_core's own search for the folder.
# A file may outlive its server, and another program may have the server's pid by then: the process must look like
# Jupyter, and must not be this script. With an argument, where my environment leads to none, the environments of
# Jupyter processes do, as far as I may read them.
SCRIPT = f"""
echo {MARK}
tell() {{
  pid=${{1##*-}}; pid=${{pid%.json}}
  [ "$pid" != $$ ] || return
  if [ -r "/proc/$pid/cmdline" ]; then tr '\\000' ' ' <"/proc/$pid/cmdline" | grep -q -i jupyter || return
  else kill -0 "$pid" 2>/dev/null || return
  fi
  tr '\\n' ' ' <"$1"; echo; found=1
}}
look() {{
  for folder in "$1" "${{2:+$2/runtime}}" "${{3:-$4/.local/share}}/jupyter/runtime" "$4/Library/Jupyter/runtime"; do
    for file in "$folder"/jpserver-*.json "$folder"/nbserver-*.json; do
      if [ -r "$file" ]; then tell "$file"; fi
    done
  done
}}
of() {{ tr '\\000' '\\n' <"$environ" 2>/dev/null | sed -n "s/^$1=//p" | head -n 1; }}
found=
look "$JUPYTER_RUNTIME_DIR" "$JUPYTER_DATA_DIR" "$XDG_DATA_HOME" "$HOME"
[ "$found" ] || [ -z "$1" ] && exit 0
for cmdline in $(grep -l -i -s jupyter /proc/[0-9]*/cmdline | head -n 20); do
  environ=${{cmdline%cmdline}}environ
  if [ -r "$environ" ]; then
    look "$(of JUPYTER_RUNTIME_DIR)" "$(of JUPYTER_DATA_DIR)" "$(of XDG_DATA_HOME)" "$(of HOME)"
  fi
done
"""


def find_servers(place: Place, *, ports: Sequence[int] = (), anyone: bool = False) -> tuple[JupyterServer, ...]:
    """Servers of the user that live in that place; those on `ports` come first, in that order. May be none.

    `anyone`: where the user has none, those of others whose files may be read. Right inside a container, where commands
    run as root and the server as somebody else; on a host they would be other people's."""
    done = place.run(["sh", "-c", SCRIPT, "sh", "anyone" if anyone else ""], timeout=PATIENCE)
    _, _, out = done.stdout.decode("utf-8", "replace").partition(MARK + "\n")
    found = list({server.port: server for server in _parse(out)}.values())[:MOST_SERVERS]
    wanted = {port: rank for rank, port in enumerate(ports)}
    return tuple(sorted(found, key=lambda server: (wanted.get(server.port, len(wanted)), server.port)))


def url(server: JupyterServer, local_port: int) -> str:
    """What opens JupyterLab through a tunnel on `local_port`. It holds the token."""
    token = f"?token={quote(server.token, safe='')}" if server.token else ""
    return f"http://127.0.0.1:{local_port}{server.base_url}lab{token}"


def _parse(out: str) -> Iterator[JupyterServer]:
    """One JSON object a line."""
    for line in out.splitlines():
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        server = _server(row) if isinstance(row, dict) else None
        if server is not None:
            yield server


def _server(row: dict[str, Any]) -> JupyterServer | None:
    """None for a server without a TCP port, or with an address that is no path."""
    port, base, token, pid = row.get("port"), row.get("base_url", "/"), row.get("token", ""), row.get("pid")
    if not isinstance(port, int) or isinstance(port, bool) or not 0 < port < 65536:
        return None
    if not isinstance(base, str) or not re.fullmatch(r"/(?:[\w.~%@+-]+/)*", base, re.ASCII) or len(base) > 500:
        return None
    root = row.get("root_dir") or row.get("notebook_dir")
    return JupyterServer(
        port=port,
        base_url=base,
        token=token if isinstance(token, str) and re.fullmatch(r"[\x21-\x7e]{0,500}", token) else "",
        root_dir=plain(root) if isinstance(root, str) else None,
        pid=pid if isinstance(pid, int) and not isinstance(pid, bool) and 0 < pid < 1 << 32 else None,
    )
