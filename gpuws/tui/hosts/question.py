"""A question only a person can answer: an unknown host key, a passphrase, a password, a code."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Button, Input, Static

from gpuws.model.host.question import Answer, Question
from gpuws.model.text import plain
from gpuws.tui.dialogs.asking import Asking
from gpuws.tui.dialogs.buttons import button
from gpuws.tui.dialogs.dialog import set_title

QUIET_SECONDS = 0.3
PATIENCE = 300.0  # seconds after which nobody sits there, counted from when it is shown and from each key


class QuestionScreen(Asking[Answer]):
    """It opens by itself: keys typed for what was there before are dropped, until none came for `QUIET_SECONDS`.

    From then on one ⏎ answers: what was typed, or that this is the host's key. Only a key that was never seen is asked
    about; one that changed is refused without a question."""

    DEFAULT_CSS = """
    QuestionScreen .detail { color: $foreground; background: $panel; padding: 0 1; }
    QuestionScreen .said { height: auto; max-height: 14; border: round $frame; padding: 0 1; }
    """
    AUTO_FOCUS = ""

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question
        self.armed = False
        self._guard = self.set_timer(QUIET_SECONDS, self._arm, pause=True)
        self._patience = self.set_timer(PATIENCE, self.withdraw, pause=True)

    def compose(self) -> ComposeResult:
        question = self.question
        with Vertical(classes="box") as box:
            set_title(box, question.origin)
            yield Static(plain(question.text, 2000), markup=False)
            if question.detail:
                yield Static("\n".join(plain(line) for line in question.detail), classes="detail", markup=False)
            if question.server:
                with Vertical(classes="said") as frame:
                    set_title(frame, f"words of {question.server}")
                    yield Static("\n".join(plain(row) for row in question.said), markup=False)
            if question.kind != "host-key":
                answer_to = f"answer to {plain(question.server, 60)}" if question.server else ""
                yield Input(placeholder=answer_to, password=not question.echo, compact=True)
            yes, no = ("Yes, connect", "No") if question.kind == "host-key" else ("Answer", "Not now")
            yield from self.foot(button(no, "no"), button(yes, "yes", "primary"))

    def on_mount(self) -> None:
        self._guard.resume()
        self._patience.resume()

    def on_key(self, event: events.Key) -> None:
        self._patience.reset()
        if not self.armed:
            event.stop()
            self._guard.reset()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.armed and super().check_action(action, parameters)

    @property
    def choosing(self) -> bool:
        """Only where nothing is typed."""
        return self.question.kind == "host-key"

    def answer(self, *, yes: bool) -> None:
        self.dismiss(Answer(accept=True) if yes else None)

    def _arm(self) -> None:
        self.armed = True
        self._guard.stop()
        self.query_one("#yes" if self.question.kind == "host-key" else "Input").focus()

    def withdraw(self) -> None:
        """It was answered elsewhere, its host is gone, or nobody sits here."""
        self.close_with(None)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self.dismiss(Answer(text=event.value))

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if not self.armed:
            return
        if event.button.id != "yes":
            self.dismiss(None)
        elif self.question.kind == "host-key":
            self.dismiss(Answer(accept=True))
        else:
            self.dismiss(Answer(text=self.query_one(Input).value))
