"""The login user's tmux sessions and the processes of their panes."""

import os

# `:` parts the fields: tmux allows it in no session name. What may hold one stands last. A newline alone ends a line:
# a name may hold what else Python takes for its end.
SESSIONS = (
    "session:#{session_windows}:#{session_attached}:#{session_created}:#{session_activity}:"
    "#{session_id}:#{session_name}:#{@gpuws_owner}"
)
PANES = "pane:#{pane_pid}:#{window_active}#{pane_active}:#{session_id}:#{session_name}:#{pane_current_command}"


class Tmux:
    def __init__(self, programs):
        self.programs = programs
        self.program = programs.find("tmux")

    def read(self):
        """Sessions, and pane pid → session. Both empty where no server runs; None where it does not answer."""
        if self.program is None or not has_server():
            return [], {}
        words = [self.program, "-u", "list-sessions", "-F", SESSIONS, ";", "list-panes", "-a", "-F", PANES]
        environment = {key: value for key, value in os.environ.items() if key not in ("TMUX", "TMUX_PANE")}
        listed = self.programs.output(words, environment)
        if not listed:
            return None if listed is None else ([], {})
        panes, commands = parse_panes(listed)
        sessions = parse_sessions(listed)
        for session in sessions:
            session["command"] = commands.get(session["id"])
        return sessions, panes


def has_server():
    """A look that costs nothing: where tmux would look for its socket, there is one."""
    folders = [os.environ.get("TMUX_TMPDIR"), "/tmp"]
    return any(folder and os.path.exists("%s/tmux-%d/default" % (folder, os.getuid())) for folder in folders)


def parse_sessions(text):
    found = []
    for line in text.split("\n"):
        fields = line.split(":", 7)
        if len(fields) == 8 and fields[0] == "session" and fields[6]:
            windows, attached, created, activity = [number(field) for field in fields[1:5]]
            found.append(
                {
                    "id": fields[5],
                    "name": fields[6],
                    "windows": windows,
                    "attached": attached,
                    "created": created,
                    "activity": activity,
                    "mark": fields[7],
                }
            )
    return found


def parse_panes(text):
    """pane pid → `ID:NAME` of its session, and the session's id → what its active pane runs."""
    panes, commands = {}, {}
    for line in text.split("\n"):
        fields = line.split(":", 5)
        if len(fields) == 6 and fields[0] == "pane" and fields[1].isdigit():
            panes.setdefault(int(fields[1]), fields[3] + ":" + fields[4])
            if fields[2] == "11":
                commands[fields[3]] = fields[5]
    return panes, commands


def number(text):
    return int(text) if text.isdigit() else None
