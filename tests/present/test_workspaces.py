"""The fleet's table of containers, and one in full: groups and their sums, caps, what is not known."""

from dataclasses import replace

from gpuws.model.session.tunnel import Tunnel, TunnelTarget
from gpuws.model.workspace.details import Details, Happening, HealthCheck, MountPoint, Network
from gpuws.model.workspace.usage import Counters, Usage, usage
from gpuws.present.line import text_of
from gpuws.present.tables.workspaces import Fleet, gpu_names, indices, listing
from gpuws.present.workspace_facts import Subject, sections
from tests.factories import NOW, container, gpu, snapshot
from tests.tui.lab import down

WEB = container(
    "web",
    mine=False,
    owner="bob",
    state="running",
    health="unhealthy",
    restarts=3,
    project="site",
    gpus=("GPU-alpha-2",),
)
TORCH = container(
    gpus=("GPU-alpha-0", "GPU-alpha-1", "GPU-alpha-2"), started=NOW - 7200, memory_limit=64 << 30, cpu_limit=8.0,
    gpu_memory=5 << 30,
)  # fmt: skip
ENDED = container("old", state="exited", reason="exited 1", failed=True, gpus=("GPU-alpha-0", "GPU-alpha-9"))
ALPHA = snapshot(gpus=tuple(gpu(index) for index in range(3)), workspaces=(WEB, ENDED, TORCH))
BRAVO = snapshot("bravo", workspaces=(container("eval", host="bravo", mine=False, owner=None),))


def cells(table, key):
    row = next(row for row in table.rows if row.key == key)
    return {column.title: text_of(cell) for column, cell in zip(table.columns, row.cells, strict=True)}


def test_what_one_takes_stands_beside_its_caps_and_what_is_not_known_is_a_dash():
    tunnel = Tunnel("t", TunnelTarget("alpha", "torch-dev", 8888), 20001, workspace=TORCH.id)
    took = {TORCH.ref: Usage(7.5, 21 << 30), WEB.ref: Usage(None, 1 << 30), ENDED.ref: Usage(1.0, 1 << 30)}
    table = listing(Fleet([ALPHA], NOW, "host", took, (tunnel,)))
    mine = cells(table, "alpha/torch-dev-id")
    assert (mine["CPU"], mine["RAM"], mine["GPUS"], mine["UP"]) == ("7.5/8", "21G/64G", "0-2", "2h00")
    assert mine["TUNNELS"] == "20001→8888"
    web = cells(table, "alpha/web-id")
    assert (web["CPU"], web["RAM"], web["STATE"]) == ("–", "1.0G", "running (unhealthy, 3 restarts)")
    over = cells(table, "alpha/old-id")
    assert (over["CPU"], over["RAM"]) == ("–", "–")  # what it took before it ended
    whole = cells(table, "=alpha")
    assert (whole["STATE"], whole["GPUS"], whole["RAM"]) == ("2 of 3 run · 2 ⚠", "3", "22G")
    assert whole["CPU"] == "≥7.5"  # of one of the two that run it is not known


def test_groups_are_persons_me_first_or_projects_and_nobodys_come_last():
    def heads(by):
        return [row.key for row in listing(Fleet([ALPHA, BRAVO], NOW, by, {})).rows if not row.level]

    assert heads("user") == ["=alice", "=bob", "=nobody knows whose"]
    assert heads("project") == ["=site", "=in no project"]
    assert heads("host") == ["=alpha", "=bravo"]
    by_person = [row.key for row in listing(Fleet([ALPHA, BRAVO], NOW, "user", {})).rows]
    assert by_person[:3] == ["=alice", "alpha/torch-dev-id", "alpha/old-id"]  # what runs comes first


def test_what_a_filter_does_not_mean_is_neither_row_nor_group_nor_sum():
    table = listing(Fleet([ALPHA, BRAVO, down()], NOW, "host", {}, keep=lambda _, one: one.mine, hosts=False))
    assert [row.key for row in table.rows] == ["=alpha", "alpha/torch-dev-id", "alpha/old-id"]
    assert cells(table, "=alpha")["STATE"] == "1 of 2 run · 1 ⚠"
    assert down().name in [row.key for row in listing(Fleet([down()], NOW, "host", {})).rows]


def test_gpus_in_a_row_are_one_word_and_what_has_no_number_keeps_its_name():
    def names(*numbers):
        return gpu_names(replace(TORCH, gpus=(*(f"GPU-alpha-{n}" for n in numbers), "MIG-1")), indices(ALPHA))

    assert names(2, 0) == "0,2,MIG-1"
    assert names(0, 1, 2) == "0-2,MIG-1"


def test_processors_are_what_lies_between_two_counters_of_one_life():
    before = (Counters("a", 10.0, 4.0, 1), Counters("b", 10.0, 100.0, 1))
    after = (Counters("a", 14.0, 10.0, 2), Counters("b", 14.0, 1.0, 2), Counters("c", 14.0, 1.0, None))
    assert usage(before, after) == {"a": Usage(1.5, 2), "b": Usage(None, 2), "c": Usage(None, None)}


def facts(found, title):
    return [(fact.name, text_of(fact.said)) for one in found if one.title == title for fact in one.facts]


def test_a_container_in_full_tells_its_health_and_last_events_newest_first():
    told = Details(
        health="unhealthy", failures=2, checks=(HealthCheck(NOW - 60, 0, "ok"), HealthCheck(NOW - 30, 1, "no answer")),
        events=(Happening(NOW - 600, "start"), Happening(NOW - 60, "die, exit 137")),
    )  # fmt: skip
    found = sections(Subject(WEB, ALPHA, NOW, told))
    assert facts(found, "HEALTH") == [
        ("status", "unhealthy · 2 failures in a row"), ("30s ago", "exit 1  no answer"), ("1m ago", "ok"),
    ]  # fmt: skip
    assert facts(found, "LAST EVENTS") == [("1m ago", "die, exit 137"), ("10m ago", "start")]
    assert ("CPU", "–, no cap") in facts(found, "NOW")


def test_what_its_engine_does_not_tell_is_absent_with_the_reason():
    engine = replace(ALPHA.engine, caps=replace(ALPHA.engine.caps, inspection="this engine tells no more"))
    found = sections(Subject(TORCH, replace(ALPHA, engine=engine), NOW))
    assert ("CPU, RAM", "this engine tells no more") in facts(found, "NOW")
    assert "CPU" not in dict(facts(found, "NOW"))


def test_no_text_of_a_host_steers_the_terminal_whatever_it_is_and_however_long():
    evil = "[red]x\x1b]0;t\x07\u202e\n" + "y" * 10_000
    one = container(
        evil, mine=False, owner=evil, project=evil, reason=evil, labels={evil: evil}, profile=evil, gpus=(evil,),
        health=evil,
    )  # fmt: skip
    told = Details(
        image_id=evil, command=(evil,), directory=evil, user=evil, hostname=evil, restart=evil, health=evil,
        mounts=(MountPoint(evil, evil, evil),), variables=((evil, evil),), networks=(Network(evil, evil, (evil,)),),
        checks=(HealthCheck(NOW, 1, evil),), events=(Happening(NOW, evil),),
    )  # fmt: skip
    host = snapshot(workspaces=(one,))
    lines = [cell for by in ("", "host", "user", "project") for row in listing(Fleet([host], NOW, by, {})).rows
             for cell in row.cells]  # fmt: skip
    lines += [line for each in sections(Subject(one, host, NOW, told, evil)) for fact in each.facts
              for line in (fact.said, ((fact.name, ""),))]  # fmt: skip
    texts = ["".join(span[0] for span in line) for line in lines]
    assert all(text.isprintable() and len(text) < 2000 for text in texts)
