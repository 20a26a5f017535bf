"""Every key of the screen, in one place. The ids are what `keys:` of config.yaml remaps."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True)
class Key:
    """`where`: the screen or widget that binds it. `hint`: shown at the bottom, in this order; 0 is not shown."""

    where: str
    id: str
    keys: str
    action: str
    label: str
    tooltip: str
    hint: int = 0


KEYS: tuple[Key, ...] = (
    Key("scroll", "down", "j,down", "move(1)", "down", "Next row"),
    Key("scroll", "up", "k,up", "move(-1)", "up", "Previous row"),
    Key("scroll", "first", "g,home", "first", "first", "First row"),
    Key("scroll", "last", "G,end", "last", "last", "Last row"),
    Key("scroll", "page-down", "ctrl+d,pagedown", "page(1)", "page down", "A page down"),
    Key("scroll", "page-up", "ctrl+u,pageup", "page(-1)", "page up", "A page up"),
    Key("list", "open", "enter", "open", "open", "Open what is selected", 11),
    Key("fleet", "fold", "left", "fold", "fold", "Fold a host: one row with its sums"),
    Key("fleet", "unfold", "right", "unfold", "unfold", "Unfold a host: a row for each GPU"),
    Key("fleet", "next-match", "n", "match(1)", "next", "Next match, while a filter is on"),
    Key("fleet", "previous-match", "N", "match(-1)", "previous", "Previous match, while a filter is on"),
    Key("panel", "previous-panel", "left", "turn(-1)", "panel", "Panel to the left"),
    Key("panel", "next-panel", "right", "turn(1)", "panel", "Panel to the right"),
    Key("panel", "mark", "space", "mark", "mark", "Mark a container: S R K D act on all marked ones"),
    Key("home", "attach", "a", "verb('attach')", "attach", "Enter the tmux session, container or host", 1),
    Key("home", "shell", "s", "verb('shell')", "shell", "A new shell on the host or in the container", 2),
    Key("home", "jupyter", "o", "verb('jupyter')", "notebook", "Open Jupyter in the browser, through a tunnel", 3),
    Key("home", "launch", "n", "verb('launch')", "launch", "Launch a workspace from a profile", 4),
    Key("home", "jump", "t", "verb('jump')", "jump", "Jump to any session or container, by a few letters", 5),
    Key("home", "logs", "l", "verb('logs')", "logs", "Follow a container's log", 6),
    Key("home", "actions", "x", "verb('actions')", "actions", "All actions for the selection, with their commands", 7),
    Key("home", "filter", "/", "filter", "filter", "Show only matches: free, busy, mine, idle, any part of a name", 8),
    Key("home", "processes", "p", "panel(1)", "processes", "Processes on the selected GPU or host"),
    Key("home", "tunnels", "f", "verb('tunnels')", "tunnels", "Open, copy and close tunnels"),
    Key("home", "inspect", "i", "verb('inspect')", "inspect", "Everything the engine knows of a container"),
    Key("home", "copy", "y", "verb('copy')", "copy", "Copy the equivalent command"),
    Key("home", "mine", "m", "mine", "mine", "Show only what is mine"),
    Key("home", "stop", "S", "verb('stop')", "stop", "Stop a container"),
    Key("home", "restart", "R", "verb('restart')", "restart", "Restart a container"),
    Key("home", "kill", "K", "verb('kill')", "kill", "Kill a container or a tmux session"),
    Key("home", "remove", "D", "verb('remove')", "remove", "Remove a container; close a tunnel"),
    Key("home", "reconnect", "ctrl+r", "verb('reconnect')", "reconnect", "Connect to the host again, now"),
    Key("home", "tasks", "b", "verb('tasks')", "background", "What runs in the background, and how to cancel it"),
    Key("home", "cycle-panel", "tab", "cycle(1)", "panels", "Next panel"),
    Key("home", "cycle-panel-back", "shift+tab", "cycle(-1)", "panels", "Previous panel"),
    Key("home", "panel-1", "1", "panel(1)", "processes", "Panel: processes"),
    Key("home", "panel-2", "2", "panel(2)", "containers", "Panel: containers"),
    Key("home", "panel-3", "3", "panel(3)", "sessions", "Panel: tmux sessions"),
    Key("home", "panel-4", "4", "panel(4)", "tunnels", "Panel: tunnels"),
    Key("home", "zoom", "z", "zoom", "zoom", "Give the panel the whole screen, and back"),
    Key("home", "back", "escape", "back", "back", "Back: end the filter, leave the panel"),
    Key("app", "palette", ":,ctrl+p", "command_palette", "commands", "Every command, by a few letters", 9),
    Key("app", "help", "?", "help", "keys", "All keys", 10),
    Key("app", "quit", "q,ctrl+q", "leave", "quit", "Quit"),
    Key("dialog", "close", "escape", "close", "back", "Close, change nothing", 12),
    Key("dialog", "next-field", "tab", "app.focus_next", "next", "Next field"),
    Key("dialog", "previous-field", "shift+tab", "app.focus_previous", "previous", "Previous field"),
    Key("confirm", "yes", "y", "answer(True)", "yes", "Yes, where nothing must be typed"),
    Key("confirm", "no", "n", "answer(False)", "no", "No"),
    Key("confirm", "other-button", "left,right", "other", "other", "The other button"),
    Key("filter", "filter-drop", "escape", "drop", "drop", "Drop the filter"),
    Key("filter", "filter-keep", "down", "keep", "keep", "Keep the filter, go to the list"),
    Key("choice", "choose-actions", "x", "close", "back", "Close"),
    Key("text", "text-back", "escape,q", "back", "back", "Back to the fleet", 1),
    Key("text", "text-filter", "/", "filter", "filter", "Show only lines with these letters", 2),
    Key("text", "text-wrap", "w", "wrap", "wrap", "Wrap long lines", 3),
    Key("text", "text-copy", "y", "copy", "copy", "Copy the equivalent command", 5),
    Key("logs", "log-follow", "s", "follow", "follow", "Follow the end of the log", 4),
    Key("logs", "log-times", "t", "times", "times", "Show when each line was written", 4),
    Key("tunnels", "tunnel-new", "n", "new", "new", "Open a tunnel to any port", 1),
    Key("tunnels", "tunnel-open", "o", "browse", "browser", "Open it in the browser", 2),
    Key("tunnels", "tunnel-copy", "y", "copy", "copy", "Copy its URL", 3),
    Key("tunnels", "tunnel-close", "D", "end", "close it", "Close the tunnel", 4),
    Key("tasks", "task-cancel", "D", "cancel", "cancel", "Cancel the task", 1),
    Key("launch", "launch-copy", "ctrl+y", "copy", "copy", "Copy the docker run line"),
    Key("launch", "launch-go", "ctrl+l", "launch", "launch", "Launch"),
    Key("jump", "jump-browser", "ctrl+o", "browse", "browser", "Open its Jupyter in the browser"),
    Key("jump", "jump-kind", "tab", "kind", "kind", "Only sessions, only containers, all"),
    Key("jump", "jump-down", "down,ctrl+n", "move(1)", "down", "Next"),
    Key("jump", "jump-up", "up,ctrl+p", "move(-1)", "up", "Previous"),
    Key("ticks", "tick", "space", "tick", "tick", "Tick or untick"),
    Key("picker", "gpu-left", "left,h", "move(-1)", "left", "GPU to the left"),
    Key("picker", "gpu-right", "right,l", "move(1)", "right", "GPU to the right"),
    Key("picker", "gpu-tick", "space,enter", "tick", "tick", "Take or leave this GPU"),
)

BY_ID: Mapping[str, Key] = {key.id: key for key in KEYS}


def bindings(*where: str) -> list[BindingType]:
    """Textual bindings of these places."""
    return [
        Binding(key.keys, key.action, key.label, show=bool(key.hint), tooltip=key.tooltip, id=key.id)
        for key in KEYS
        if key.where in where
    ]


def unknown(keys: Mapping[str, str]) -> list[str]:
    """A sentence for each id that names no key."""
    said = []
    for name in keys:
        if name not in BY_ID:
            near = difflib.get_close_matches(name, BY_ID, 1)
            said.append(f"keys: {name!r} is no key's id" + (f"; did you mean {near[0]!r}?" if near else ""))
    return said
