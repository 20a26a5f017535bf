"""What AMD's tools replied on machines of public reports, shortened to what is asked for; UUIDs are made up."""

LIST = """[
    {"gpu": 0, "bdf": "0000:03:00.0", "uuid": "76ff73a1-0000-1000-80a0-000000000001", "kfd_id": 8042, "node_id": 1,
     "partition_id": 0},
    {"gpu": 1, "bdf": "0000:c4:00.0", "uuid": "00ff1586-0000-1000-8000-000000000000", "kfd_id": 42905, "node_id": 2,
     "partition_id": 0}
]"""
STATIC = """[
    {"gpu": 0, "asic": {"market_name": "AMD Radeon AI PRO R9700", "vendor_id": "0x1002", "asic_serial": "N/A"},
     "bus": {"bdf": "0000:03:00.0", "max_pcie_width": 16},
     "limit": {"max_power": {"value": 300, "unit": "W"}, "min_power": {"value": 210, "unit": "W"},
               "socket_power": {"value": 300, "unit": "W"}},
     "driver": {"name": "amdgpu", "version": "6.17.1-300.fc43.x86_64"},
     "numa": {"node": 0, "affinity": -1},
     "vram": {"type": "GDDR6", "size": {"value": 30576, "unit": "MB"}, "bit_width": 256}},
    {"gpu": 1, "asic": {"market_name": "Strix Halo [Radeon 8060S Graphics]", "asic_serial": "N/A"},
     "bus": {"bdf": "0000:c4:00.0", "max_pcie_width": "N/A"},
     "limit": {"max_power": {"value": 0, "unit": "W"}, "socket_power": {"value": 0, "unit": "W"}},
     "driver": {"name": "amdgpu", "version": "6.17.1-300.fc43.x86_64"},
     "numa": {"node": 0, "affinity": -1},
     "vram": {"type": "UNKNOWN", "vendor": "N/A", "size": {"value": 32768, "unit": "MB"}}}
]"""
_BUSY = """{"gpu": 0,
     "usage": {"gfx_activity": {"value": 91, "unit": "%"}, "umc_activity": {"value": 66, "unit": "%"},
               "mm_activity": {"value": 0, "unit": "%"}, "vcn_activity": [{"value": 0, "unit": "%"}, "N/A"]},
     "power": {"socket_power": {"value": 231, "unit": "W"}, "gfx_voltage": {"value": 933, "unit": "mV"}},
     "temperature": {"edge": {"value": 54, "unit": "C"}, "hotspot": {"value": 63, "unit": "C"},
                     "mem": {"value": 70, "unit": "C"}},
     "fan": {"speed": 127, "max": 255, "rpm": 2570, "usage": {"value": 49.8, "unit": "%"}},
     "mem_usage": {"total_vram": {"value": 30576, "unit": "MB"}, "used_vram": {"value": 20450, "unit": "MB"},
                   "free_vram": {"value": 10126, "unit": "MB"}, "total_gtt": {"value": 32023, "unit": "MB"}}}"""
_MUTE = """{"gpu": 1, "usage": "N/A", "power": {"socket_power": "N/A"},
     "temperature": {"edge": "N/A", "hotspot": "N/A", "mem": "N/A"},
     "fan": {"speed": "N/A", "max": "N/A", "rpm": "N/A", "usage": "N/A"},
     "mem_usage": {"total_visible_vram": {"value": 512, "unit": "MB"},
                   "used_visible_vram": {"value": 19, "unit": "MB"}}}"""
METRIC = f"[{_BUSY}, {_MUTE}]"
METRIC_7 = f'{{"gpu_data": [{_BUSY}, {_MUTE}]}}'
"""As ROCm 7 has it."""
METRIC_WARNED = f"WARNING: User is missing the following required groups: render, video.\n{METRIC}"

PROCESS = """[
    {"gpu": 0, "process_list": [{"process_info": {
        "name": "/usr/bin/python3.12", "pid": %d,
        "memory_usage": {"gtt_mem": {"value": 6180000, "unit": "B"}, "cpu_mem": {"value": 0, "unit": "B"},
                         "vram_mem": {"value": 20000000000, "unit": "B"}},
        "mem_usage": {"value": 20000000000, "unit": "B"},
        "usage": {"gfx": {"value": 0, "unit": "ns"}, "enc": {"value": 0, "unit": "ns"}}, "cu_occupancy": "N/A"}}]},
    {"gpu": 1, "process_list": [{"process_info": "No running processes detected"}]}
]"""
NOBODY = """[
    {"gpu": 0, "process_list": [{"process_info": "No running processes detected"}]},
    {"gpu": 1, "process_list": [{"process_info": "No running processes detected"}]}
]"""

ROCM = """{"card0": {"Temperature (Sensor edge) (C)": "65.0", "Temperature (Sensor junction) (C)": "74.0",
    "Average Graphics Package Power (W)": "87.0", "GPU use (%)": "18", "PCI Bus": "0000:03:00.0",
    "VRAM Total Memory (B)": "25753026560", "VRAM Total Used Memory (B)": "3478065152",
    "Card Series": "AMD Radeon RX 7900 XTX", "Unique ID": "0x1234"},
  "card1": {"Temperature (Sensor edge) (C)": "50.0", "Current Socket Graphics Package Power (W)": "0.014",
    "GPU use (%)": "0", "PCI Bus": "0000:47:00.0", "VRAM Total Memory (B)": "2147483648",
    "VRAM Total Used Memory (B)": "26124288", "Card Series": "AMD Ryzen 9 9950X3D", "Unique ID": "N/A"},
  "system": {"Driver version": "6.14.14", "PID710898": "demo::schedul, 1, 200145596416, 2735289460695, 88",
    "PID721888": "demo-worker, 0, 0, 0, 0"}}"""
ROCM_OLD = """{"card0": {"GPU use (%)": "88", "Temperature (Sensor edge) (C)": "65.0", "Fan speed (%)": "0",
    "Current Socket Graphics Package Power (W)": "402.0", "Card series": "AMD Instinct MI250X",
    "VRAM Total Memory (B)": "68719476736", "VRAM Total Used Memory (B)": "17179869184", "Unique ID": "0x5678"},
  "system": {"Driver version": "6.7.0", "PID710898": "a, b, 1, 17000000000, 0, 88"}}"""
