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
    Key("panel", "mark", "space", "mark", "mark", "Mark a container or a process: S R K D act on all marked ones"),
    Key("home", "attach", "a", "verb('attach')", "attach", "Enter the tmux session, container or host", 1),
    Key("home", "write", "W", "verb('write')", "write", "Write into a session that is not mine; asks for its name"),
    Key("home", "shell", "s", "verb('shell')", "shell", "A new shell on the host or in the container", 2),
    Key("home", "jupyter", "o", "verb('jupyter')", "notebook", "Open Jupyter in the browser, through a tunnel", 3),
    Key("home", "launch", "n", "verb('launch')", "launch", "Launch a workspace from a profile", 4),
    Key("home", "jump", "t", "verb('jump')", "jump", "Jump to any session, container or notebook", 5),
    Key("home", "logs", "l", "verb('logs')", "logs", "Follow a container's log", 6),
    Key("home", "actions", "x", "verb('actions')", "actions", "All actions for the selection, with their commands", 7),
    Key("home", "filter", "/", "filter", "filter", "Show only matches: free, alice, h200, free>40g, !idle …", 8),
    Key("home", "processes", "p", "panel(1)", "processes", "Processes on the selected GPU or host"),
    Key("home", "tunnels", "f", "verb('tunnels')", "tunnels", "Open, copy and close tunnels"),
    Key("home", "people", "w", "verb('people')", "who", "Who holds how much of the fleet, and what of it is idle", 12),
    Key("home", "view", "v", "view", "view", "One line for each host, or one for each GPU", 13),
    Key("home", "order", "r", "order(1)", "order", "Order: as configured, free first, busy first, by who", 14),
    Key("home", "inspect", "i", "verb('inspect')", "inspect", "Everything the engine knows of a container"),
    Key("home", "copy", "y", "verb('copy')", "copy", "Copy the equivalent command"),
    Key("home", "mine", "m", "mine", "mine", "Show only what is mine"),
    Key("home", "stop", "S", "verb('stop')", "stop", "Stop a container"),
    Key("home", "restart", "R", "verb('restart')", "restart", "Restart a container"),
    Key("home", "kill", "K", "verb('kill')", "kill", "Kill a container, a tmux session or a process"),
    Key("home", "remove", "D", "verb('remove')", "remove", "Remove a container; close a tunnel"),
    Key("home", "reconnect", "ctrl+r", "verb('reconnect')", "reconnect", "Connect to the host again, now"),
    Key("home", "images", "I", "verb('images')", "images", "Images of the host: sizes, pull, remove, prune"),
    Key("home", "tasks", "b", "verb('tasks')", "background", "What runs in the background, and how to cancel it"),
    Key("home", "cycle-panel", "tab", "cycle(1)", "panels", "Next panel"),
    Key("home", "cycle-panel-back", "shift+tab", "cycle(-1)", "panels", "Previous panel"),
    Key("home", "panel-1", "1", "panel(1)", "processes", "Panel: processes"),
    Key("home", "panel-2", "2", "panel(2)", "containers", "Panel: containers"),
    Key("home", "panel-3", "3", "panel(3)", "sessions", "Panel: tmux sessions"),
    Key("home", "panel-4", "4", "panel(4)", "notebooks", "Panel: notebooks"),
    Key("home", "panel-5", "5", "panel(5)", "tunnels", "Panel: tunnels"),
    Key("home", "panel-6", "6", "panel(6)", "events", "Panel: what happened while this screen was open"),
    Key("home", "zoom", "z", "zoom", "zoom", "Give the panel the whole screen, and back"),
    Key("home", "back", "escape", "back", "back", "Back: end the filter, leave the panel"),
    Key("app", "palette", ":,ctrl+p", "command_palette", "commands", "Every command, by a few letters", 9),
    Key("app", "help", "?", "help", "keys", "All keys", 10),
    Key("app", "quit", "q,ctrl+q", "leave", "quit", "Quit"),
    Key("dialog", "close", "escape", "close", "back", "Close, change nothing", 12),
    Key("dialog", "next-field", "tab", "app.focus_next", "next", "Next field"),
    Key("dialog", "previous-field", "shift+tab", "app.focus_previous", "previous", "Previous field"),
    Key("confirm", "yes", "y", "answer(True)", "yes", "Yes; only to its button, where what runs is removed"),
    Key("confirm", "no", "n", "answer(False)", "no", "No"),
    Key("confirm", "next-button", "right", "other(1)", "other", "The button to the right"),
    Key("confirm", "previous-button", "left", "other(-1)", "other", "The button to the left"),
    Key("said", "said-down", "pagedown", "scroll(1)", "page down", "What is said further down"),
    Key("said", "said-up", "pageup", "scroll(-1)", "page up", "What is said further up"),
    Key("filter", "filter-drop", "escape", "drop", "drop", "Drop the filter"),
    Key("filter", "filter-keep", "down", "keep", "keep", "Keep the filter, go to the list"),
    Key("choice", "choose-actions", "x", "close", "back", "Close"),
    Key("text", "text-back", "escape,q", "back", "back", "Back to the fleet", 1),
    Key("text", "text-filter", "/", "filter", "filter", "Show only lines with these letters", 2),
    Key("text", "text-wrap", "w", "wrap", "wrap", "Wrap long lines", 3),
    Key("text", "text-copy", "y", "copy", "copy", "Copy the equivalent command", 5),
    Key("inspect", "inspect-reveal", "v", "reveal", "show one", "Show a value that is hidden; asks first", 4),
    Key("gpu", "gpu-back", "escape,q", "back", "back", "Back to the fleet", 1),
    Key("gpu", "gpu-attach", "a", "verb('attach')", "attach", "Enter the tmux session, container or host", 2),
    Key("gpu", "gpu-write", "W", "verb('write')", "write", "Write into a session that is not mine; asks for its name"),
    Key("gpu", "gpu-shell", "s", "verb('shell')", "shell", "A new shell on the host or in the container"),
    Key("gpu", "gpu-jupyter", "o", "verb('jupyter')", "notebook", "Open Jupyter in the browser, through a tunnel"),
    Key("gpu", "gpu-logs", "l", "verb('logs')", "logs", "Follow a container's log"),
    Key("gpu", "gpu-actions", "x", "verb('actions')", "actions", "All actions for this GPU, with their commands", 3),
    Key("gpu", "gpu-processes", "p,K", "processes", "processes", "Its processes: K ends one there", 4),
    Key("gpu", "gpu-copy", "y", "copy", "copy", "Copy its UUID, or the nvidia-smi command", 5),
    Key("gpu", "gpu-next", "right,tab", "turn(1)", "next GPU", "The next GPU of this host", 6),
    Key("gpu", "gpu-previous", "left,shift+tab", "turn(-1)", "previous GPU", "The previous GPU of this host"),
    Key("logs", "log-follow", "s", "follow", "follow", "Follow the end of the log", 4),
    Key("logs", "log-times", "t", "times", "times", "Show when each line was written", 4),
    Key("tunnels", "tunnel-new", "n", "new", "new", "Open a tunnel to any port", 1),
    Key("tunnels", "tunnel-open", "o", "browse", "browser", "Open it in the browser", 2),
    Key("tunnels", "tunnel-copy", "y", "copy", "copy", "Copy its URL", 3),
    Key("tunnels", "tunnel-close", "D", "end", "close it", "Close the tunnel", 4),
    Key("tasks", "task-cancel", "D", "cancel", "cancel", "Cancel the task", 1),
    Key("images", "image-pull", "p", "pull", "pull", "Pull an image, on several hosts at once", 1),
    Key("images", "image-newer", "u", "newer", "newer?", "Ask the registry whether a newer one exists", 2),
    Key("images", "image-remove", "D", "remove", "remove", "Remove the image", 3),
    Key("images", "image-prune", "P", "prune", "prune", "Remove those that no name leads to and nobody uses", 4),
    Key("images", "image-read", "ctrl+r", "read", "read again", "Ask the engine again", 5),
    Key("drift", "drift-recreate", "R", "recreate", "recreate", "Make it again; name, mounts, ports, GPUs stay", 1),
    Key("doctor", "doctor-back", "escape,q", "back", "back", "Back to the fleet", 1),
    Key("doctor", "doctor-all", "v", "everything", "all checks", "What is well, too, or only what is not", 2),
    Key("doctor", "doctor-again", "ctrl+r", "ask", "ask again", "Ask the hosts again", 3),
    Key("doctor", "doctor-copy", "y", "copy", "copy", "Copy the equivalent command", 4),
    Key("launch", "launch-copy", "ctrl+y", "copy", "copy", "Copy the docker run line"),
    Key("launch", "launch-go", "ctrl+l", "launch", "launch", "Launch"),
    Key("launch", "launch-force", "ctrl+g", "force", "force", "Launch although a check failed; asks first"),
    Key("launch", "launch-edit", "ctrl+o", "edit", "edit", "Edit the profile's file; one of mine if it is not mine"),
    Key("launch", "launch-new", "ctrl+n", "new", "new profile", "A new profile from a form"),
    Key("launch", "launch-trust", "ctrl+t", "trust", "accept", "See what a shared profile does, and accept it"),
    Key("launch", "launch-down", "pagedown", "scroll(1)", "page down", "What lies further down"),
    Key("launch", "launch-up", "pageup", "scroll(-1)", "page up", "What lies further up"),
    Key("form", "form-save", "ctrl+s", "save", "save", "Write the profile"),
    Key("capture", "capture-copy", "ctrl+y", "copy", "copy", "Copy the profile"),
    Key("capture", "capture-down", "pagedown", "scroll(1)", "page down", "What lies further down"),
    Key("capture", "capture-up", "pageup", "scroll(-1)", "page up", "What lies further up"),
    Key("trust", "trust-down", "pagedown", "scroll(1)", "page down", "What lies further down"),
    Key("trust", "trust-up", "pageup", "scroll(-1)", "page up", "What lies further up"),
    Key("jump", "jump-browser", "ctrl+o", "browse", "browser", "Open its Jupyter in the browser"),
    Key("jump", "jump-kind", "tab", "kind", "kind", "Only sessions, only containers, only notebooks, all"),
    Key("jump", "jump-down", "down,ctrl+n", "move(1)", "down", "Next"),
    Key("jump", "jump-up", "up,ctrl+p", "move(-1)", "up", "Previous"),
    Key("ticks", "tick", "space", "tick", "tick", "Tick or untick"),
    Key("picker", "gpu-left", "left,h", "move(-1)", "left", "GPU to the left"),
    Key("picker", "gpu-right", "right,l", "move(1)", "right", "GPU to the right"),
    Key("picker", "gpu-up", "up,k", "row(-1)", "up", "GPU above"),
    Key("picker", "gpu-down", "down,j", "row(1)", "down", "GPU below"),
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
