"""Everything that gpuws ever does on a server, who starts it and how often: `docs/on-servers.md` is written from it,
and each line of the log of what was run says which row it is of. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from gpuws.model.host.ran import Means, Ran


@dataclass(frozen=True, slots=True)
class Deed:
    """`shown`: what of it is seen there, in `ps` or in the engine's log. `pattern`: of what the log has, a regular
    expression; `means`: by which of them it comes."""

    name: str
    does: str
    shown: str
    who: str
    often: str
    pattern: str = ""
    means: tuple[Means, ...] = ("command",)

    def fits(self, ran: Ran) -> bool:
        """Whether that line is of this."""
        return ran.means in self.means and re.search(self.pattern, ran.what) is not None


LINK = "the connection"
LOOKED = "while somebody looks at the host"
YOU = "you"

DEEDS: tuple[Deed, ...] = (
    Deed("login", "A login over SSH, tried or done.", "sshd's log", LINK,
         "once a connection; one more where MaxSessions is reached; again after a loss", "", ("login",)),
    Deed("forward", "A connection from there to a port or a socket.", "sshd",
         "tunnels, the engine, notebooks, hosts behind it", "as they need it", "", ("forward",)),
    Deed("probe", "Reads GPUs, processes, memory, disks, containers' control groups, tmux.",
         "`gpuws-probe`, a `python3 -ISuc …` at nice 10", LINK,
         "once a connection, again where it ended; lives as long", r"import sys,zlib.*gpuws-probe"),
    Deed("nvidia-smi", "The same where there is no Python: `nvidia-smi` in a loop.", "`sh -c … gpuws-probe`", LINK,
         "once a connection; nvidia-smi each interval", r"every=\$1 lease=\$2 listed=\$3"),
    Deed("amd-smi", "GPUs of AMD's, by its own tools: `amd-smi`, else `rocm-smi`.", "`sh -c … gpuws-probe` at nice 10",
         LINK, "each 10 s, where AMD's driver is loaded and NVIDIA's is not", r"^sh -c .for smi in amd-smi"),
    Deed("facts", "Who I am there, cores, memory, kernel, by a shell.", "`sh -c …`", LINK,
         "once a connection without Python", r"^sh -c 'echo gpuws-facts"),
    Deed("processes", "What `/proc` and `ps` say of processes on GPUs.", "`sh -c … gpuws-probe`", LINK,
         "when they change, where there is no Python", r"^sh -c 'for pid; do \[ -r"),
    Deed("load", "Which processes take most CPU and memory, by `/proc` and `ps`.", "`sh -c … gpuws-probe`, `cat`",
         "you: gpuws hosts top, the page of a host", "once each; each 4 s while the page is looked at, where there is "
         "no Python", r'^sh -c .LC_ALL=C; export LC_ALL echo "gpuws-smi units'),
    Deed("instances", "`nvidia-smi -L`: parts of divided GPUs.", "`nvidia-smi -L`", LINK,
         "each minute, where there is no Python and GPUs are divided", r"nvidia-smi -L$"),
    Deed("relay", "Makes connections where sshd forwards none.", "`gpuws-relay`, a `python3 -ISuc …`",
         "tunnels, the engine", "with the first of them; ends a minute after the last", r"gpuws-relay"),
    Deed("process: look", "Lists my workspaces without containers, by `~/.local/state/gpuws`; their logs; for a launch "
         "tmux, systemd, linger.", "`bash -c … gpuws-process-look`", LINK + "; you",
         "once a connection, then each 5 min; each 5 s while one runs", r" gpuws-process-look\b"),
    Deed("process: begin", "Begins one, in a directory of its own there.", "`bash -c … gpuws-process-begin`, `tmux`",
         "you: a launch", "once each", r" gpuws-process-begin\b"),
    Deed("process: end", "Ends its programs, by their mark; removes its directory.", "`bash -c … gpuws-process-end`",
         YOU, "once each", r" gpuws-process-end\b"),
    Deed("process: inside", "What you run in one.", "`bash -c … gpuws-process-inside`, then as you write it", YOU,
         "once each", r" gpuws-process-inside\b", ("command", "terminal")),
    Deed("tmux list", "Lists tmux and screen sessions.", "`sh -c …`, `tmux list-panes`", LOOKED,
         "each 10 s where the probe does not tell them; when one was made, renamed or ended", r"gpuws-tmux mark=\$1"),
    Deed("tmux", "Shows, makes, enters, renames, leaves or ends a session, by tmux's own commands.",
         "`sh -c …`, `tmux …`", YOU, "once each; a preview each second while it is looked at", r"\btmux\b|^screen ",
         ("command", "terminal")),
    Deed("socket", "Looks where the engine's socket is and who may use it.", "`sh -c …`", LINK,
         "once a connection where the usual one does not answer; then each minute",
         r'echo "login \$\(id -un'),
    Deed("podman service", "Has Podman's API where no socket of it is active, in a directory of its own (0700) below "
         "`$XDG_RUNTIME_DIR`, which goes with it.", "`sh -c … gpuws-podman`, `podman system service`", LINK,
         "as long as the connection; where I used Podman before, or hosts.yaml says `engine: podman`",
         r" gpuws-podman$"),
    Deed("docker program", "Speaks to the engine through `docker system dial-stdio`, or podman's.",
         "`docker system dial-stdio`",
         "the engine", "where sshd forwards no sockets, or hosts.yaml says `sudo`",
         r"^((sudo -n )?docker|podman) .*(dial-stdio|version)$"),
    Deed("checkup", "Looks at `/proc`, `/dev/shm`, `/tmp`, cards, drivers, clocks; at what programs of mine left; for "
         "files of root's in directories of mine that my containers have mounted, where they lie on the host's disks.",
         "`sh -c …`, `find`", "you: gpuws doctor, a trial of a host", "once each, for some seconds at most",
         r'^sh -c .(echo "now \$\(date|PATH=\$PATH:/usr/local/bin:/usr/bin:/bin LC_ALL=C)'),
    Deed("ports", "Which ports listen, by `/proc`.", "`sh -c …`", "you: gpuws ports, tunnels by name", "once each",
         r'^sh -c .if \[ "\$1" \]; then set -- \$\(grep -s -F'),
    Deed("launch lock", "Keeps two launches from taking the same GPU.",
         "`python3 -ISc …`, `@gpuws-launch` in `ss -xl`", "you: a launch", "once each, for 20 s at most",
         r"-ISc 'import errno, select, socket"),
    Deed("volumes", "Whether directories of a launch are there, on which file system, mine to write.", "`sh -c …`",
         "you: a launch", "once each", r"^sh -c .kind\(\) \{ stat -f -c"),
    Deed("make volumes", "Makes directories that say `check: create`.", "`mkdir -p`", "you: a launch", "once each",
         r"\|\| mkdir -p -- "),
    Deed("gpu mode", "How the engine hands out GPUs: hook or CDI.", "`sh -c …`", "you: a launch, gpuws doctor",
         "once a connection", r'^sh -c .PATH=\$PATH:/usr/local/sbin.*command -v "\$1" >/dev/null 2>&1 && echo hook'),
    Deed("room", "Free memory, free disk, listening ports.", "`sh -c …`", "you: a launch", "once each",
         r"^sh -c .grep MemAvailable: /proc/meminfo"),
    Deed("log sizes", "How large containers' logs are.", "`sh -c …`", "you: gpuws disks", "once each",
         r"^sh -c .for path; do total=0"),
    Deed("empty or not", "Whether directories of a clone hold anything.", "`sh -c …`, `ls -A`",
         "you: a clone to another host", "once each", r"ls -A -- "),
    Deed("jupyter", "Finds notebook servers by `/proc` and their records.", "`sh -c …`",
         LOOKED + "; you: gpuws jupyter, gpuws kernels", "each minute; not on read-only hosts",
         r"^sh -c .echo gpuws-jupyter anyone="),
    Deed("end jupyter", "Ends a notebook server.", "`kill -TERM`", "you: gpuws jupyter --stop", "once each",
         r'^sh -c .kill -TERM "\$1" \|\| exit 1'),
    Deed("kernel's age", "Since when a notebook's kernel runs, by `/proc`.", "`sh -c …`",
         "you: gpuws kernels restart", "once each, where the link was lost before its answer",
         r"^sh -c .read -r now rest </proc/uptime"),
    Deed("signal", "Sends a signal to a process, if it is still the same.", "`sh -c … gpuws-signal`", YOU,
         "once each", r"gpuws-signal"),
    Deed("mend", "Ends a process of mine that was left, removes files of mine from `/dev/shm`, lets me linger.",
         "`kill`, `rm`, `loginctl`", "you: gpuws doctor --fix, `f` on its page", "once each",
         r"gpuws-mend|^rm -f -- '?/dev/shm/|exec loginctl enable-linger"),
    Deed("verify", "Has the Python there try torch.", "`python -`", "you: gpuws verify", "once each",
         r"^sh -c .cd / \|\| exit first="),
    Deed("copy", "Looks at, packs, unpacks and puts in place files.", "`sh -c …`, `tar`", "you: gpuws cp",
         "several each", r"^/bin/sh -c .LC_ALL=C; export LC_ALL path\(\)"),
    Deed("terminal type", "Whether the host knows the terminal's type.", "`infocmp`", "you: a shell, a session",
         "once each, where the type is a rare one", r"^infocmp "),
    Deed("engine: look", "Lists, events, figures, details and logs of containers; images, volumes.",
         "the engine's API, `GET`", LINK,
         "events all the time; lists each 30 s and when something happens; "
         "figures each 15 s where control groups can't be read, "
         + LOOKED + "; once the last lines of one of mine that failed",
         r"^(GET|HEAD) ", ("request",)),
    Deed("engine: inside", "Runs something in a container of mine: tmux lists, Jupyter's records, what you run; "
         "for the doctor, whether it still has its GPUs.",
         "the engine's API, `POST …/exec`", LOOKED + "; you",
         "tmux each 10 s, notebooks each minute; none in others' containers and on read-only hosts",
         r"^POST (/containers/[^/]+/exec(: |$)|/exec/)", ("request",)),
    Deed("engine: change", "Makes, starts, stops, removes; pulls, builds.",
         "the engine's API, `POST`, `PUT`, `DELETE`", YOU,
         "once each; a cap that you set stops a container by itself", r"^(POST|PUT|DELETE|PATCH) ", ("request",)),
)  # fmt: skip
"""In the order in which they are tried."""
OTHERS = Deed(
    "yours", "What you run: a shell, a command, an editor's server, ssh, sftp.", "as you write it", YOU, "once each"
)


@cache
def _of(what: str, means: Means) -> str:
    line = Ran(0, "", "", means, what)
    return next((deed.name for deed in DEEDS if deed.fits(line)), OTHERS.name)


def deed_of(ran: Ran) -> str:
    """The name of the row that the line is of."""
    return "" if ran.means == "lost" else _of(ran.what, ran.means)


BY_NAME: Mapping[str, Deed] = {deed.name: deed for deed in (*DEEDS, OTHERS)}
