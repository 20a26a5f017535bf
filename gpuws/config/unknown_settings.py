"""What to write instead of a key that config.yaml does not have. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gpuws.config.yaml.instead import by_word

FILE: Mapping[str, str] = by_word(
    (
        ("write me: [NAME]", "user username users name owner login identity i names"),
        ("write theme", "color colour colors colours color_scheme colour_scheme style appearance skin dark"),
        ("write keys", "shortcuts keybindings key_bindings bindings keymap hotkeys"),
        ("write commands", "aliases custom_commands own_commands actions scripts"),
        ("write notifications", "notify alerts alert notices webhooks webhook quiet_hours"),
        ("write command_log", "log logging logs audit"),
        ("write profile_paths: [/PATH]", "profiles profile profile_dirs profiles_path recipes"),
        ("write hosts_files: [/PATH]; hosts of mine stand in hosts.yaml", "hosts host servers shared_hosts inventory"),
        ("write it in hosts.yaml", "ssh_config defaults local connect_timeout telemetry_interval"),
        ("write thresholds", "limits levels warn warnings idle_after idle"),
        ("write keeper", "daemon background agent server"),
    )
)

THRESHOLDS: Mapping[str, str] = by_word(
    (
        ("write memory: [50, 85]", "mem vram gpu_memory ram"),
        ("write utilization: [50, 85]", "util usage load gpu gpu_util busy"),
        ("write idle_after", "idle_time idle_for idle_timeout"),
    )
)

KEEPER: Mapping[str, str] = by_word(
    (
        ("write idle", "timeout idle_timeout idle_after linger keep ttl lifetime"),
        ("write logins", "login_timeout keep_logins persist control_persist sessions"),
    )
)

RECEIVER: Mapping[str, str] = by_word(
    (
        ("write webhook", "url uri endpoint address slack http https post"),
        ("write command", "cmd program exec argv run script"),
        ("write body", "payload data json template message text"),
        ("write token_file", "token bearer bearer_token api_key secret password auth"),
        ("write headers", "header http_headers"),
    )
)

RULE: Mapping[str, str] = by_word(
    (
        ("write to", "receiver receivers target targets channel channels where send via notify"),
        ("write kinds", "event events type types what when notices"),
        ("write hosts", "servers machines on"),
        ("write mine: true, or false for others' too", "own only_mine everybody others all"),
        ("write always: true", "quiet_hours urgent"),
    )
)

NOTIFICATIONS: Mapping[str, str] = by_word(
    (
        ("write receivers", "channels targets webhooks webhook commands outputs"),
        ("write quiet_hours", "quiet dnd silent do_not_disturb night mute"),
        ("write most", "max limit rate rate_limit per_minute"),
        ("write rules", "events kinds when on to"),
    )
)

COMMAND: Mapping[str, str] = by_word(
    (
        ("write argv: [PROGRAM, ARGUMENT]", "command cmd run exec program args script shell"),
        ("write key", "shortcut binding hotkey keybinding"),
        ("write help", "description title label text name summary about"),
        ("write stay: true", "wait pause hold keep_open"),
    )
)
