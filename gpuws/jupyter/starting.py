"""Start a Jupyter server in tmux, in a Place, and end one.

Its token is made there at each start, in a file that only its user reads and that goes with it; Jupyter prints no token
that it was given. Where it listens it writes into its record, by which it is found."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gpuws.jupyter.script import MARK
from gpuws.link.place import Place
from gpuws.model.errors import GpuwsError, UsageError
from gpuws.model.secret import without_tokens
from gpuws.model.text import plain

SESSION = "jupyter"
"""The tmux session that it runs in."""
PORT = 8888
"""The first port that it tries."""
PATIENCE = 15.0  # seconds
LINES = 2000  # of its log
_ENVIRONMENT = re.compile(r"[\w./~+@ -]{1,500}")

# Arguments: the address, the environment (a directory, a name, or "" for what is found without one), and "login" where
# that is what a shell of mine would find: its start files know the PATH.
_SERVE = r"""
address=$1 environment=$2
if [ "$3" ] && [ "$SHELL" ]; then
  path=$("$SHELL" -lic 'echo; echo "path-is:$PATH"' </dev/null 2>/dev/null | sed -n 's/^path-is://p' | tail -n 1)
  PATH=${path:-$PATH}
fi
case $environment in
  '') folder= ;;
  '~/'*) folder=$HOME/${environment#'~/'} ;;
  */*) folder=$environment ;;
  *)
    known=$(cat "$HOME/.conda/environments.txt" 2>/dev/null)
    for folder in "$HOME/$environment" "$HOME/.virtualenvs/$environment" $known "$HOME"/*/envs/"$environment" \
      "$HOME"/.*/envs/"$environment" /opt/*/envs/"$environment" ''; do
      [ "${folder##*/}" != "$environment" ] || [ ! -d "$folder/bin" ] || break
    done
    ;;
esac
if [ "$environment" ]; then
  [ "$folder" ] && [ -d "$folder/bin" ] || { echo "there is no environment $environment" >&2; exit 69; }
  PATH=$folder/bin:$PATH
  if [ -e "$folder/pyvenv.cfg" ]; then export VIRTUAL_ENV="$folder"; else export CONDA_PREFIX="$folder"; fi
fi
for program in jupyter-lab jupyter-notebook jupyter-server ''; do ! command -v "$program" >/dev/null || break; done
where="in $folder/bin"; [ "$folder" ] || where='here: name where it is, --env ENVIRONMENT'
[ "$program" ] || { echo "jupyter is not found $where" >&2; exit 69; }
{ token=$(mktemp "${XDG_RUNTIME_DIR:-/tmp}/jupyter-token.XXXXXXXX") &&
  od -An -tx1 -N24 /dev/urandom | tr -d ' \n' >"$token"; } 2>/dev/null
[ -s "$token" ] || token=
trap : INT TERM HUP
[ "$(id -u)" = 0 ] && root=--allow-root || root=
JUPYTER_TOKEN_FILE=$token "$program" --no-browser --ip="$address" --port=PORT $root
status=$?
[ -z "$token" ] || rm -f "$token"
exit $status
""".replace("PORT", str(PORT))

# Its end is waited for: it writes what it has to, and ends its kernels.
_STOP = r"""
kill -TERM "$1" || exit 1
for _ in $(seq 100); do kill -0 "$1" 2>/dev/null || exit 0; sleep 0.1; done
exit 2
"""

_LOG = f"echo {MARK}; exec tmux -u capture-pane -p -J -S -{LINES} -t ={SESSION}:"


def serve_argv(address: str, environment: str, *, login: bool) -> list[str]:
    """What the session runs. UsageError where `environment` can be no directory and no name."""
    if environment and not _ENVIRONMENT.fullmatch(environment):
        raise UsageError(f"{plain(environment)!r} is no environment", "a directory, or a name that conda knows")
    return ["sh", "-c", _SERVE, "sh", address, environment, "login" if login else ""]


def stop(place: Place, pid: int) -> None:
    """By SIGTERM; GpuwsError where it does not end."""
    done = place.run(["sh", "-c", _STOP, "sh", str(pid)], timeout=PATIENCE)
    if not done.ok:
        why = "it still runs" if done.status == 2 else plain(done.stderr.decode("utf-8", "replace"), 200)
        raise GpuwsError(f"the Jupyter server (process {pid}) did not end: {why}", "look at its log: --log")


def log_of(place: Place) -> Sequence[str] | None:
    """What the server that was started in tmux said last, without tokens; None where there is no such session."""
    done = place.run(["sh", "-c", _LOG], timeout=PATIENCE)
    if not done.ok:
        return None
    _, _, text = without_tokens(done.stdout).decode("utf-8", "replace").partition(MARK + "\n")
    return [plain(line, 1000) for line in text.rstrip().splitlines()]
