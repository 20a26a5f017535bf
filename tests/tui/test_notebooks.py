"""A notebook's row: its kernel is interrupted, restarted, shut down; it opens; a word goes to its holder."""

import time
from dataclasses import replace

from gpuws.model.session.notebook import Notebook
from gpuws.tui.notebooks.kernel_screen import KernelScreen
from gpuws.tui.notebooks.screen import NotebooksScreen
from tests.tui.driving import running, say, text, toasts
from tests.tui.lab import StubFleet, lab

NOW, HOUR = time.time(), 3600.0
MINE = Notebook("1a2b3c4d", "exp/train.ipynb", 8888, "torch-dev", "busy", NOW, "python3", 1)
OLD = Notebook("99990000", "exp/old.ipynb", 8888, "torch-dev", "idle", NOW - 7 * HOUR, "python3", 0)
BOBS = Notebook("7f3a0000", "exp7.ipynb", 8888, "jup", "idle", NOW - 9 * HOUR, "python3", 0)


def fleet():
    alpha, bravo = lab().hosts["alpha"], lab().hosts["bravo"]
    mine, bobs, free = alpha.gpus
    mine = replace(mine, processes=(replace(mine.processes[0], notebook=MINE.path, kernel=MINE.kernel),))
    bobs = replace(bobs, processes=(replace(bobs.processes[0], notebook=BOBS.path, kernel=BOBS.kernel),))
    alpha = replace(alpha, gpus=(mine, bobs, free), notebooks=(MINE, OLD, BOBS), coverage="read")
    return StubFleet(alpha, replace(bravo, notebooks=(Notebook("b0b0b0b0", "away.ipynb", 8888, None, "idle", NOW),)))


def acts(stub):
    return [call[1:] for call in stub.named("act_on_kernel")]


async def asked(app, pilot):
    await pilot.press("K")
    await pilot.until(lambda: isinstance(app.screen, KernelScreen))


async def test_the_key_that_kills_is_about_the_kernel_never_its_container():
    stub = fleet()
    async with running(stub, (120, 40)) as (app, pilot):
        await pilot.press("4")
        await pilot.until(lambda: "exp/train.ipynb" in text(app))
        await asked(app, pilot)
        assert app.focused.id == "cancel"
        assert "The kernel of exp/train.ipynb in alpha/torch-dev" in text(app)
        assert "70G of GPU 0" in text(app)
        assert "gpuws kernels interrupt alpha/torch-dev:exp/train.ipynb" in text(app)
        await pilot.press("escape", "S")
        await pilot.until(lambda: any("S, R and D are for containers" in toast for toast in toasts(app)))
        await asked(app, pilot)
        await pilot.press("y")
        await pilot.until(lambda: acts(stub) == [("alpha", MINE.kernel, "interrupt")])
        await pilot.until(lambda: "interrupted alpha/torch-dev:exp/train.ipynb" in toasts(app))
        assert not stub.named("act")


async def test_what_is_not_mine_takes_its_name():
    stub = fleet()
    async with running(stub, (120, 40)) as (app, pilot):
        await pilot.press("4")
        await pilot.until(lambda: "exp7.ipynb" in text(app))
        await pilot.press("G")
        await asked(app, pilot)
        assert "type exp7.ipynb to go on" in text(app)
        assert app.screen.query_one("#shutdown").disabled
        await say(pilot, "exp7.ipynb")
        await pilot.until(lambda: not app.screen.query_one("#shutdown").disabled)
        await pilot.click("#shutdown")
        await pilot.until(lambda: acts(stub) == [("alpha", BOBS.kernel, "shutdown")])


async def test_all_hosts_are_asked_and_those_of_mine_that_rest_are_shut_down_together():
    stub = fleet()
    async with running(stub, (160, 45)) as (app, pilot):
        await pilot.press("J")
        await pilot.until(lambda: isinstance(app.screen, NotebooksScreen) and "away.ipynb" in text(app))
        await pilot.until(lambda: {call[1] for call in stub.named("read_notebooks")} == {"alpha", "bravo"})
        shown = text(app)
        assert "4 kernels · 1 busy · 90G of GPU memory" in shown
        await pilot.press("u")
        await pilot.until(lambda: app.screen.table.marked == {"alpha/99990000"})  # bob's is his, away.ipynb new
        await asked(app, pilot)
        await pilot.press("tab", "tab", "tab", "enter")
        await pilot.until(lambda: acts(stub) == [("alpha", OLD.kernel, "shutdown")])
        await pilot.until(lambda: not app.screen.table.marked)


async def test_where_none_is_mine_the_key_that_shows_all_is_told():
    stub = fleet()
    alpha = stub.hosts["alpha"]
    async with running(StubFleet(replace(alpha, notebooks=(BOBS,), gpus=alpha.gpus[1:])), (80, 24)) as (app, pilot):
        await pilot.press("J")
        await pilot.until(lambda: isinstance(app.screen, NotebooksScreen) and "exp7.ipynb" in text(app))
        await pilot.press("m")
        await pilot.until(lambda: "None of these notebooks is mine. m shows all." in text(app))


async def test_several_that_are_marked_are_one_act():
    stub = fleet()
    async with running(stub, (120, 40)) as (app, pilot):
        await pilot.press("4")
        await pilot.until(lambda: "exp/train.ipynb" in text(app))
        await pilot.press("space", "space")
        await asked(app, pilot)
        assert "2 kernels: what is to be done?" in text(app)
        await pilot.press("y")
        await pilot.until(lambda: {call[1] for call in acts(stub)} == {MINE.kernel, OLD.kernel})
        await pilot.until(lambda: "interrupted 2 kernels" in toasts(app))


async def test_a_notebooks_row_opens_that_notebook(monkeypatch):
    opened = []
    monkeypatch.setattr("gpuws.workstation.browser.open_address", opened.append)
    async with running(fleet(), (120, 40)) as (app, pilot):
        await pilot.press("4")
        await pilot.until(lambda: "exp/train.ipynb" in text(app))
        await pilot.press("o")
        await pilot.until(lambda: opened)
        assert opened == ["http://127.0.0.1:20002/lab/tree/exp/train.ipynb?token=s3cret"]
        assert "s3cret" not in text(app)


async def test_a_word_to_the_holder_is_copied():
    async with running(fleet(), (120, 40)) as (app, pilot):
        await pilot.press("M")
        await pilot.until(lambda: any("train.ipynb is yours" in toast for toast in toasts(app)))
        await pilot.press("g", "j", "j")  # the GPU that bob's notebook holds
        await pilot.until(lambda: "alpha · GPU 1" in text(app))
        await pilot.press("M")
        await pilot.until(lambda: "Copy a word to bob" in text(app))
        await pilot.until(lambda: "Hello bob, your notebook exp7.ipynb" in text(app))  # it can be read before
        await pilot.press("enter")
        await pilot.until(lambda: app.copied.startswith("Hello bob, your notebook exp7.ipynb in alpha/jup"))
