"""What the active pane of each session shows near its cursor, told only where it changed.

From it is judged what the session is doing. No key is sent, and what was read is kept in memory alone."""

import os
import time

PANES = (
    "#{window_active}#{pane_active}:#{session_id}:#{pane_id}:#{cursor_x}:#{cursor_y}:#{alternate_on}:#{pane_height}"
    ":#{window_activity}:#{pane_dead}#{pane_dead_status}:#{pane_current_command}"
)
ABOVE, BELOW, WIDEST = 19, 8, 200  # lines around the cursor, and characters of each
AT_ONCE = 100  # panes in one call: tmux takes 16 kB of words
MOST_TOLD = 96 << 10  # characters in one message; the rest is in the next


class Screens:
    def __init__(self):
        self.seen = {}  # (socket, session) → the fields of its pane when it was read, when that was, and its lines
        self.told = {}  # (socket, session) → what was told of it last

    def read(self, ask, socket):
        """Lines for `gpuws/model/session/listing.py`. `ask(words)` is what tmux says at that server."""
        rows = [line.split(":", 9) for line in (ask(["list-panes", "-a", "-F", PANES]) or "").split("\n")]
        active = [row for row in rows if len(row) == 10 and row[0] == "11"]
        now = time.time()
        stale = [row for row in active if self._changed(socket, row)]
        for first in range(0, len(stale), AT_ONCE):
            self._capture(ask, socket, stale[first : first + AT_ONCE], now)
        self._forget(socket, {row[1] for row in active})
        return self._news(socket, active)

    def _changed(self, socket, row):
        """tmux dates what is written by whole seconds."""
        fields, at, _ = self.seen.get((socket, row[1]), (None, 0, ""))
        return fields != row or not row[7].isdigit() or int(row[7]) >= int(at) - 1

    def _capture(self, ask, socket, rows, now):
        mark = os.urandom(4).hex()
        words = ["display", "-p", ""]
        tops = [around(row) for row in rows]
        for row, (top, bottom) in zip(rows, tops):  # noqa: B905 - Python 3.6
            words += [";", "display", "-p", mark, ";", "capturep", "-pt", row[2], "-S", str(top), "-E", str(bottom)]
        texts = (ask(words) or "").split(mark + "\n")[1:]
        for row, (top, _), text in zip(rows, tops, texts):  # noqa: B905
            head = "shown:%s:%s:%s:%s:%d\n" % (row[1], row[3], row[4], row[5], top)
            shown = [line.rstrip()[:WIDEST] for line in text.split("\n")[:-1]]
            while shown and not shown[-1]:
                shown.pop()
            self.seen[socket, row[1]] = row, now, head + "".join("|%s\n" % line for line in shown)

    def _news(self, socket, active):
        news, size = [], 0
        for row in active:
            text = self.seen.get((socket, row[1]), (row, 0, ""))[2]
            whole = row[8:] + [text]
            if text and self.told.get((socket, row[1])) != whole and size < MOST_TOLD:
                self.told[socket, row[1]] = whole
                news.append(text)
                size += len(text)
        return "".join(news)

    def _forget(self, socket, living):
        for known in (self.seen, self.told):
            for key in [key for key in known if key[0] == socket and key[1] not in living]:
                del known[key]


def around(row):
    """The first and the last line that are read: around the cursor, or at the end of what fills the screen."""
    cursor, height = number(row[4]), number(row[6])
    middle = height - 1 - BELOW if row[5] == "1" else cursor
    top = max(middle - ABOVE, 0)
    return top, max(middle + BELOW, top)


def number(text):
    return int(text) if text.isdigit() else 0
