"""Which TCP ports listen on a host or in a workspace, and whose they are: one short program on the host, which reads
/proc and changes nothing. Nothing is executed in a workspace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv6Address, ip_address

from gpuws.link.place import Place
from gpuws.model.errors import GpuwsError
from gpuws.model.session.sockets import Socket, SocketsSeen
from gpuws.model.text import plain

TIMEOUT = 15.0  # seconds
UNSEEN = 3
"""The program's status where no process of the workspace can be seen."""
LISTENING = "0A"
MOST = 300  # processes that are described
# Whose sockets /proc does not show to my login, is told by what these were given on their command line.
NAMES = (
    "jupyter", "tensorboard", "code-server", "marimo", "gradio", "streamlit", "rserver", "mlflow",
    "ray/dashboard", "docker-proxy",
)  # fmt: skip

# $1: the id of a workspace, which the control groups of its processes name; "": the place itself where this runs.
_SCRIPT = rf"""
if [ "$1" ]; then
  set -- $(grep -s -F -e "$1" /proc/[0-9]*/cgroup | grep -v conmon | sed 's,/cgroup:.*,/fd,' | sort -u | head -n {MOST})
  [ $# -gt 0 ] || exit {UNSEEN}
  net=${{1%fd}}net
  commands=$(echo "$@" | tr ' ' '\n')
else
  set -- /proc/[0-9]*/fd
  net=/proc/self/net
  commands=$(grep -l -s -E -e '{"|".join(NAMES)}' /proc/[0-9]*/cmdline)
fi
sed 's/^/here /' "$net/tcp" "$net/tcp6" 2>/dev/null
sed 's/^/host /' /proc/self/net/tcp /proc/self/net/tcp6 2>/dev/null
inodes=$(awk '$4 == "{LISTENING}" {{ print "socket:[" $10 "]" }}' "$net/tcp" "$net/tcp6" 2>/dev/null)
[ "$inodes" ] || exit 0
holders=$(
  ls -ln "$@" /proc/self/fd 2>/dev/null | grep -F -e /fd: -e "$inodes" |
    awk '/\/fd:$/ {{ process = $1; next }} {{ print "holds " process " " $NF }}'
)
echo "$holders"
for process in $(echo "$commands" "$holders" | sed -n 's,.*\(/proc/[0-9]*\)/.*,\1,p' | sort -u | head -n {MOST}); do
  [ "$process" != "/proc/$$" ] || continue
  printf 'runs %s ' "$process"
  tr '\n\000' ' \t' 2>/dev/null <"$process/cmdline" | cut -c 1-2000
  echo
done
"""


def listening(host: Place, workspace: str = "") -> SocketsSeen | None:
    """None: the host shows no process of that workspace. Raises where the program can't be run."""
    done = host.run(["sh", "-c", _SCRIPT, "sh", workspace], timeout=TIMEOUT)
    if done.status == UNSEEN:
        return None
    if b"here " not in done.stdout:
        raise GpuwsError("the host does not tell which ports listen there", "its /proc/net/tcp can't be read")
    return parse(done.stdout.decode("utf-8", "replace"))


def parse(text: str) -> SocketsSeen:
    lines = text.splitlines()
    return SocketsSeen(
        tuple(_sockets(lines, "here")),
        frozenset(socket.inode for socket in _sockets(lines, "host")),
        {
            int(found[2]): int(found[1])
            for line in lines
            if (found := re.fullmatch(r"holds /proc/(\d{1,10})/fd: socket:\[(\d{1,20})\]", line))
        },
        {
            int(found[1]): tuple(plain(word, 500) for word in found[2].rstrip("\t").split("\t"))
            for line in lines
            if (found := re.fullmatch(r"runs /proc/(\d{1,10}) (.+)", line))
        },
    )


def _sockets(lines: list[str], where: str) -> Iterator[Socket]:
    """Rows of /proc/net/tcp and tcp6: slot, local address, remote address, state, queues, timer, retransmits, uid,
    timeout, inode."""
    for line in lines:
        words = line.split()
        if len(words) < 11 or words[0] != where or words[4] != LISTENING:
            continue
        address, _, port = words[2].partition(":")
        if re.fullmatch(r"[0-9A-F]{8}|[0-9A-F]{32}", address) and re.fullmatch(r"[0-9A-F]{4}", port):
            yield Socket(int(port, 16), int(words[10]), _readable(address))


def _readable(address: str) -> str:
    """Words of four bytes, the lowest first on the machines that have GPUs: 127.0.0.1 is 0100007F."""
    words = [bytes.fromhex(address[at : at + 8])[::-1] for at in range(0, len(address), 8)]
    found = ip_address(b"".join(words))
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)
