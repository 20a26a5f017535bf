"""The login user's tmux sessions and the processes of their panes."""

import os
import subprocess

from .files import find_program

PATIENCE = 5  # seconds, then the client of a hung server is ended
# `:` parts the fields: tmux allows it in no session name. What may hold one stands last.
SESSIONS = "session:#{session_windows}:#{session_attached}:#{session_created}:#{session_activity}:#{session_name}"
PANES = "pane:#{pane_pid}:#{window_active}#{pane_active}:#{session_name}:#{pane_current_command}"


class Tmux:
    def __init__(self, path, home):
        self.program = find_program("tmux", path, home)
        self.timeout = find_program("timeout", path, home)

    def read(self):
        """Sessions, and pane pid → session name. Both empty where no server runs; None where it does not answer."""
        if self.program is None or not has_server():
            return [], {}
        listed = self._run("list-sessions", "-F", SESSIONS, ";", "list-panes", "-a", "-F", PANES)
        if not listed:
            return None if listed is None else ([], {})
        panes, commands = parse_panes(listed)
        sessions = parse_sessions(listed)
        for session in sessions:
            session["command"] = commands.get(session["name"])
        return sessions, panes

    def _run(self, *words):
        """Standard output; "" where there is no server; None after the timeout."""
        # coreutils' timeout ends the child even where this agent dies first
        guard = [self.timeout, "-s", "KILL", str(PATIENCE)] if self.timeout else []
        environment = {key: value for key, value in os.environ.items() if key not in ("TMUX", "TMUX_PANE")}
        child = subprocess.Popen(
            guard + [self.program, "-u"] + list(words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        try:
            out = child.communicate(timeout=PATIENCE + 1)[0]
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            return None
        return None if child.returncode in (-9, 137) else out.decode("utf-8", "replace")


def has_server():
    """A look that costs nothing: where tmux would look for its socket, there is one."""
    folders = [os.environ.get("TMUX_TMPDIR"), "/tmp"]
    return any(folder and os.path.exists("%s/tmux-%d/default" % (folder, os.getuid())) for folder in folders)


def parse_sessions(text):
    found = []
    for line in text.splitlines():
        fields = line.split(":", 5)
        if len(fields) == 6 and fields[0] == "session" and fields[5]:
            windows, attached, created, activity = [number(field) for field in fields[1:5]]
            found.append(
                {
                    "name": fields[5],
                    "windows": windows,
                    "attached": attached,
                    "created": created,
                    "activity": activity,
                }
            )
    return found


def parse_panes(text):
    """pane pid → session, and session → what its active pane runs."""
    panes, commands = {}, {}
    for line in text.splitlines():
        fields = line.split(":", 4)
        if len(fields) == 5 and fields[0] == "pane" and fields[1].isdigit():
            panes.setdefault(int(fields[1]), fields[3])
            if fields[2] == "11":
                commands[fields[3]] = fields[4]
    return panes, commands


def number(text):
    return int(text) if text.isdigit() else None
