"""The road from an empty screen to a notebook on a GPU, and where the documentation is."""

from __future__ import annotations

from gpuws.tui.text.text_screen import TextScreen

TEXT = """
  1  Add a host         A, or `gpuws hosts add NAME ADDRESS`: anything that `ssh` reaches. Its keys, jump hosts and
                        agent are those of your SSH configuration. Nothing is installed there.
  2  Find a GPU         Each GPU is a row that says who lives there. What is free is bright; r puts it first,
                        / filters: `free>40g`, `h100`, `alice`. w says who holds how much.
  3  Launch             n on a free GPU: choose a profile; every check is answered before anything is created, with
                        the equivalent `docker run` line.
  4  Go in              a enters its tmux session; ctrl+b d leaves it running. s is a shell, l its log.
  5  Notebook           o opens its JupyterLab in your browser, through a tunnel of its own.
  6  End                S stops it, D removes it; both ask first.

  What can be done with a row stands in the last line of the screen, all of it behind x. ? explains every key and sign,
  : finds every command by a few letters. Nothing is done to what is not yours before you have typed its name.

  More                  `gpuws demo` shows all of it on a simulated lab. `gpuws --help` and `gpuws COMMAND --help`
                        explain the shell's words. The folder docs beside the source has a page each for
                        configuration, profiles, launching, filters, security and keys.
"""


class FirstStepsScreen(TextScreen):
    def __init__(self) -> None:
        super().__init__("First steps", "gpuws --help")

    def on_mount(self) -> None:
        super().on_mount()
        self.view.set_lines(TEXT.split("\n"))
