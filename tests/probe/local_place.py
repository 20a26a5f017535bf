"""This machine as a Place, with the environment and the start-up noise that a test wants."""

from collections.abc import Mapping, Sequence

from gpuws.link.local.local import LocalLink, LocalProcess
from gpuws.model.session.terminal import Size

NOISE = 'printf "%b" "$0"; exec "$@"'


class LocalPlace(LocalLink):
    """`env`: variables set there, None unsets one. `noise`: what start files print before the program runs."""

    def __init__(self, env: Mapping[str, str | None] | None = None, noise: str = "") -> None:
        super().__init__()
        self.env: dict[str, str | None] = {"TMUX": None, "TMUX_PANE": None, **(env or {})}
        self.noise = noise
        self.started: list[LocalProcess] = []

    def popen(self, argv: Sequence[str]) -> LocalProcess:
        self.started.append(super().popen(self.words(argv)))
        return self.started[-1]

    def interactive(self, argv: Sequence[str], size: Size, term: str = "xterm-256color"):
        return super().interactive(self.words(argv), size, term)

    def words(self, argv: Sequence[str]) -> list[str]:
        unset = [word for name, value in self.env.items() if value is None for word in ("-u", name)]
        values = [f"{name}={value}" for name, value in self.env.items() if value is not None]
        noise = ["sh", "-c", NOISE, self.noise] if self.noise else []
        return ["env", *unset, *values, *noise, *argv]
