"""Who holds a GPU, in words: the same on a row of the screen, in the shell's table and where a launch gives reasons."""

from dataclasses import replace

import pytest

from gpuws.cli.toolkit.tables import Style, render
from gpuws.model.gpu.gpu import SOMEBODY, Gpu, GpuProcess, Holder, MigInstance
from gpuws.model.gpu.reading import Gap
from gpuws.model.ownership.tenancy import foremost, programs, tenancy
from gpuws.model.settings import Thresholds
from gpuws.present import holders
from gpuws.present.line import text_of
from gpuws.present.tables import gpus
from gpuws.tui.fleet import row_lines
from gpuws.tui.fleet.cells import View
from gpuws.tui.fleet.columns import layout
from gpuws.tui.fleet.row import Row
from tests.factories import GIB, NOW, gpu, snapshot


def in_the_shell(place):
    return render(gpus.listing([snapshot(gpus=(place,))], NOW), Style())[1]


def on_the_screen(place):
    scene = row_lines.Scene(layout(200, 20), View(NOW, Thresholds()))
    return text_of(row_lines.line(Row("gpu", snapshot(), place), scene))


INSTANCES = MigInstance("M-0", 0, held_by=(Holder("process", "x.py", "bob"),)), MigInstance("M-1", 1)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (gpu(), "free"),
        (gpu(used=20), "held by somebody unseen, 20G"),
        (gpu(gaps=(Gap("memory", "no permission"),)), "unknown: memory can't be read: no permission"),
        (gpu(utilization=70.0), "unknown: busy without a process that is seen"),
        (gpu(health="lost", error="it has fallen off the bus"), "⚠ it has fallen off the bus"),
        (gpu(health="reset-required"), "⚠ reset required"),
        (gpu(mig=INSTANCES, mig_instances=INSTANCES), "2 MIG instances, 1 free"),
        (gpu(mig=()), "MIG, without an instance"),
    ],
)  # fmt: skip
def test_where_nobody_can_be_named_shell_and_screen_say_the_same(place, said):
    assert said in in_the_shell(place)
    assert said in on_the_screen(place)


def test_a_reservation_and_idle_time_have_the_same_words_everywhere():
    reserved = gpu(user="carol", name="eval", kind="reservation", idle=2 * 86400.0)
    for shown in (in_the_shell(reserved), on_the_screen(reserved), tenancy(reserved, NOW)):
        assert "reserved, unused 2d" in shown
    idle = gpu(user="bob", used=20, idle=32400.0)
    for shown in (in_the_shell(idle), on_the_screen(idle), tenancy(idle, NOW)):
        assert "idle 9h00" in shown


def test_a_process_is_its_holders_by_what_it_is_not_by_what_its_command_contains():
    mine, other = (
        GpuProcess(1, "bob", "python a.py"),
        GpuProcess(2, "bob", "python train.py --data a.py", memory=9 * GIB),
    )
    holder = Holder("process", "a.py", "bob")
    assert programs(holder, (mine, other)) == [mine]
    place = Gpu(0, "GPU-0", "NVIDIA H200", memory_used=9 * GIB, held_by=(holder,), processes=(mine, other))
    assert tenancy(place, NOW).startswith("bob: python a.py")
    assert holders.main_program(holder, place.processes) is mine


def test_a_process_without_a_command_is_still_its_holders():
    process = GpuProcess(7, "bob", None, memory=GIB)
    assert programs(Holder("process", "pid 7", "bob"), (process,)) == [process]


def test_a_container_of_two_people_keeps_their_programs_apart():
    hers, his = GpuProcess(1, "ann", "a.py", container="lab"), GpuProcess(2, "bob", "b.py", container="lab")
    assert programs(Holder("container", "lab", "bob"), (hers, his)) == [his]


def test_whom_a_row_shows_first():
    waiting, other, me = (
        Holder("reservation", "w", "me", mine=True),
        Holder("process", "o"),
        Holder("process", "m", mine=True),
    )
    place = replace(gpu(), held_by=(waiting, other, me, SOMEBODY))
    assert foremost(place) is me
    assert foremost(replace(place, held_by=(waiting, other))) is other


def test_all_holders_stand_in_a_listing():
    place = replace(
        gpu(used=3), held_by=(Holder("process", "x.py", None), Holder("container", "jup", "bob", 60.0), SOMEBODY)
    )
    assert text_of(holders.everybody(place)) == "somebody x.py, bob jup (idle 1m), somebody unseen"
