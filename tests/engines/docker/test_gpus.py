from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpuws.engines.docker.existing.gpus import gpus_of, mode_of, reach_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


def hook(**fields):
    return {"Driver": "", "Count": 0, "DeviceIDs": None, "Capabilities": [["gpu"]], **fields}


@pytest.mark.parametrize(
    ("request_", "gpus"),
    [
        (hook(DeviceIDs=["GPU-a", "GPU-b"]), ("GPU-a", "GPU-b")),
        (hook(Driver="nvidia", DeviceIDs=["1"], Capabilities=[["gpu", "utility"]]), ("1",)),
        (hook(Count=-1), ("all",)),
        (hook(Count=2), ("0", "1")),
        ({"Driver": "cdi", "Count": 0, "DeviceIDs": ["nvidia.com/gpu=GPU-a", "nvidia.com/gpu=0"]}, ("GPU-a", "0")),
        ({"Driver": "cdi", "Count": 0, "DeviceIDs": ["nvidia.com/gpu=all"]}, ("all",)),
        ({"Driver": "cdi", "Count": 0, "DeviceIDs": ["vendor.example/fpga=0"]}, ()),
        ({"Driver": "amd", "Count": -1, "DeviceIDs": None, "Capabilities": [["tpu"]]}, ()),
    ],
)
def test_device_requests(request_, gpus):
    assert gpus_of({"DeviceRequests": [request_]}, {}) == gpus


def test_several_requests_add_up():
    requests = [hook(DeviceIDs=["GPU-a"]), hook(DeviceIDs=["GPU-b", "GPU-a"])]
    assert gpus_of({"DeviceRequests": requests}, {}) == ("GPU-a", "GPU-b")


@pytest.mark.parametrize(
    ("value", "gpus"),
    [("all", ("all",)), ("0,2", ("0", "2")), ("void", ()), ("none", ()), ("", ()), ("GPU-a", ("GPU-a",))],
)
def test_the_runtime_of_nvidia_reads_the_environment(value, gpus):
    config = {"Env": ["PATH=/bin", f"NVIDIA_VISIBLE_DEVICES={value}"]}
    assert gpus_of({"Runtime": "nvidia"}, config) == gpus
    assert gpus_of({"Runtime": "runc"}, config) == ()


def test_where_nvidias_runtime_is_everybodys_an_image_that_sees_all_takes_none():
    seeing, asking = ({"Env": [f"NVIDIA_VISIBLE_DEVICES={value}"]} for value in ("all", "0,1"))
    assert gpus_of({"Runtime": "nvidia"}, seeing, "nvidia") == ()
    assert gpus_of({"Runtime": "nvidia"}, seeing, "runc") == ("all",)
    assert gpus_of({"Runtime": "nvidia"}, asking, "nvidia") == ("0", "1")


def test_plain_devices_count_too():
    assert gpus_of({"Devices": [{"PathOnHost": "/dev/nvidia3"}, {"PathOnHost": "/dev/nvidiactl"}]}, {}) == ("3",)


@pytest.mark.parametrize(
    ("told", "value", "reach"),
    [
        ({}, "all", ()),
        ({"Privileged": True}, "", ("all",)),
        ({"Devices": [{"PathOnHost": "/dev/"}]}, "", ("all",)),
        ({"Devices": [{"PathOnHost": "/dev/nvidiactl"}]}, "", ()),
        ({"DeviceCgroupRules": ["c 195:* rmw"]}, "", ("all",)),
        ({"DeviceCgroupRules": ["a *:* rwm"]}, "", ("all",)),
        ({"DeviceCgroupRules": ["c 10:200 rwm"]}, "", ()),
        ({"Runtime": "nvidia"}, "all", ("all",)),
        ({"Runtime": "nvidia"}, "GPU-a,1", ("GPU-a", "1")),
        ({"Runtime": "nvidia"}, "void", ()),
        ({"Runtime": "nvidia", "DeviceRequests": [hook(DeviceIDs=["0"])]}, "all", ()),  # the request counts
    ],
)
def test_what_can_be_used_although_nobody_gave_it(told, value, reach):
    assert reach_of(told, {"Env": [f"NVIDIA_VISIBLE_DEVICES={value}"]}) == reach


@given(JSON, JSON)
def test_no_answer_breaks_it(one, other):
    reach_of({"DeviceRequests": one, "Devices": other, "DeviceCgroupRules": one, "Runtime": "nvidia"}, {"Env": one})
    gpus_of({"DeviceRequests": one, "Devices": other, "Runtime": "nvidia"}, {"Env": one})


CDI = {"CDISpecDirs": ["/etc/cdi"]}


@pytest.mark.parametrize(
    ("info", "specs", "hooked", "mode"),
    [
        (CDI, ["nvidia.com/gpu=0"], True, "cdi"),
        (CDI, [], True, "hook"),
        ({"CDISpecDirs": []}, ["nvidia.com/gpu=0"], False, None),
        ({}, ["nvidia.com/gpu=0"], True, "hook"),
        ({"Runtimes": {"runc": {}, "nvidia": {}}}, [], False, "hook"),
        ({"Runtimes": {"runc": {}}}, [], False, None),
        ({**CDI, "DiscoveredDevices": [{"Source": "cdi", "ID": "nvidia.com/gpu=GPU-a"}]}, [], False, "cdi"),
        ({**CDI, "DiscoveredDevices": [{"Source": "cdi", "ID": "other.com/nic=0"}]}, [], False, None),
    ],
)
def test_how_gpus_are_handed_out(info, specs, hooked, mode):
    assert mode_of(info, specs, hooked) == mode
