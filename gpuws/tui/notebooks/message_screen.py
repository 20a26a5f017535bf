"""A word to whoever holds a GPU with a notebook: its text, or a command that would send it, to be copied."""

from __future__ import annotations

from gpuws.model.ownership.kernels import Kernel
from gpuws.model.text import plain
from gpuws.present.holder_message import by_mail, by_write, text
from gpuws.tui.dialogs.choose import ChooseScreen, Option


class MessageScreen(ChooseScreen[str]):
    """What is to be copied; below, all of it."""

    opens_word = "copy"

    def __init__(self, kernel: Kernel, now: float) -> None:
        ways = (
            ("the text", "to be pasted anywhere", text(kernel, now)),
            ("a write command", f"onto their terminals on {kernel.host}", by_write(kernel, now)),
            ("a mail command", f"as {kernel.host} delivers it", by_mail(kernel, now)),
        )
        options = [Option(label, detail, words) for label, detail, words in ways if words]
        super().__init__(f"Copy a word to {plain(kernel.owner or 'whoever holds it', 40)}", options)
        self._words = [option.value for option in options]

    def remark(self) -> str:
        row = self.rows.current
        return self._words[int(row.key)] if row is not None else ""
