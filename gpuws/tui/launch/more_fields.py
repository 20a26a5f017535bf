"""What most launches leave as the profile has it: volumes, ports, variables, the notebook and tmux."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from gpuws.model.profile.profile import Profile
from gpuws.model.text import plain
from gpuws.present.line import Span, joined
from gpuws.present.short_forms import port_words, variable_words, volume_words
from gpuws.tui.launch.fields import Field, Fold, label
from gpuws.tui.toolkit.lines import Lines

WORDS = "more: image, volumes, ports, variables, notebook, tmux"


class MoreFields(Vertical):
    """Below each field what the container has by it and by the profile."""

    DEFAULT_CSS = """
    MoreFields { height: auto; }
    """

    def compose(self) -> ComposeResult:
        yield Fold(WORDS, id="more")
        with Vertical(id="fields", classes="column"):
            for name, word, example in (
                ("volumes", "Volumes", "e.g. ~/data:/data:ro /scratch:/scratch"),
                ("ports", "Ports", "e.g. 6006 18000:8000"),
                ("environment", "Variables", "e.g. DEBUG=1 WANDB_API_KEY (from mine)"),
            ):
                with Horizontal(classes="row"):
                    yield label(word)
                    with Vertical(classes="column"):
                        yield Field(name, example)
                        yield Lines(id=f"has-{name}")
            with Horizontal(classes="row"):
                yield label("Notebook")
                yield Field("jupyter")
            with Horizontal(classes="row"):
                yield label("tmux")
                yield Field("tmux")

    def on_mount(self) -> None:
        for name in ("volumes", "ports", "environment"):
            self.query_one(f"#{name}").add_class("long")
        self.unfold(False)

    @property
    def unfolded(self) -> bool:
        return self.query_one(Fold).unfolded

    def unfold(self, unfolded: bool) -> None:
        self.query_one(Fold).unfold(unfolded)
        self.query_one("#fields").display = unfolded

    @on(Fold.Turned)
    def _turned(self) -> None:
        self.query_one("#fields").display = self.unfolded

    def show(self, profile: Profile) -> None:
        """What would be there: `profile` with what was typed."""
        for name, words in (
            ("volumes", [volume_words(volume) for volume in profile.volumes]),
            ("ports", [port_words(port) for port in profile.ports]),
            ("environment", [variable_words(key, value) for key, value in profile.environment.items()]),
        ):
            said = [Span(joined([plain(word, 100) for word in words], "   "), "muted")] if words else []
            self.query_one(f"#has-{name}", Lines).put([tuple(said)] if said else [])
        jupyter, tmux = profile.jupyter, profile.tmux
        for name, word in (
            ("jupyter", f"{jupyter.port}, or: off" if jupyter else "off, or: on, e.g. 8888"),
            ("tmux", f"{plain(tmux.session, 30)}, or: off" if tmux else "off, or: on, e.g. main"),
        ):
            self.query_one(f"#{name}", Input).placeholder = word
