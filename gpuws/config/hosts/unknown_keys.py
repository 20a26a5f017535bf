"""What to write instead of a key that ssh, Ansible and people have and hosts.yaml does not. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gpuws.config.yaml.instead import by_word

_ADDRESS = "write address: [user@]host[:port]"
_PART = "write it into address: [user@]host[:port]"
_OPTION = "write it under ssh_options"
_FOR_ALL = "write it under `Host *` of your SSH configuration"
_SECRET = "leave it out: gpuws asks when the server does, and keeps no password in a file"
_RUNS = "write it into your SSH configuration: nothing that runs, loads or forwards is done by hosts.yaml"
_NAME = "leave it out: a host is called by its key under hosts"
_READ = "leave it out: gpuws asks the host"

LOCAL: Mapping[str, str] = by_word(
    (
        ("write docker: {socket: /PATH}", "socket docker_socket sock docker_sock"),
        ("write docker: {sudo: true}", "sudo docker_sudo use_sudo become"),
        ("write docker: {context: NAME}", "context docker_context"),
        ("write docker: {socket: /PATH}, or {context: NAME}", "docker_host"),
        ("write engine", "runtime container_engine container_runtime"),
        ("write tags", "labels label groups group roles role"),
        ("write readonly: true", "ro look_only no_changes protected"),
        ("write readonly: false", "rw writable"),
        ("write shared_login: true", "shared shared_account shared_user group_login"),
        ("write vars", "variables env environment envs environ"),
        ("write python: /PATH", "python_path interpreter python3 ansible_python_interpreter"),
        ("write telemetry_interval", "interval poll poll_interval refresh refresh_interval every"),
        (_READ, "gpus gpu gpu_count num_gpus cpus cores memory mem os platform arch"),
        (_NAME, "name alias aliases title"),
        ("leave it out: write it as a comment, behind a #", "description comment notes note"),
    )
)

HOST: Mapping[str, str] = {
    **LOCAL,
    **by_word(
        (
            (_ADDRESS, "hostname host ip ip_address ipv4 ipv6 addr server fqdn dns url uri target destination"),
            (_ADDRESS, "ssh_host ansible_host remote remote_host endpoint"),
            (_PART, "user username user_name login port ssh_user ssh_port remote_user ansible_user ansible_port"),
            ("write identity_file", "identity key key_file private_key private_key_file ssh_key key_path pem keys"),
            ("write identity_file", "ansible_ssh_private_key_file identities identity_files"),
            ("write jump", "proxy_jump jump_host jumphost jumps bastion bastion_host gateway via through proxy hop"),
            ("write connect_timeout", "timeout ssh_timeout ansible_timeout wait"),
            ("write ssh_options", "options opts ssh_opts ssh_args ssh_extra_args extra_options ssh_common_args"),
            ("write ssh_config at the top of the file, for all its hosts", "ssh_config ssh_config_file config"),
            ("write backend: openssh", "use_ssh openssh system_ssh native_ssh"),
            ("write shell: /PATH", "login_shell remote_shell"),
            (_SECRET, "password passwd passphrase ssh_pass ssh_password ansible_password ansible_ssh_pass sshpass otp"),
            (_RUNS, "remote_command local_command local_forward remote_forward dynamic_forward"),
            (_RUNS, "forward_agent forward_x11 permit_local_command known_hosts_command control_master"),
            (_RUNS, "control_path control_persist pkcs11_provider security_key_provider"),
            (_OPTION, "server_alive_interval server_alive_count_max identities_only identity_agent add_keys_to_agent"),
            (_OPTION, "strict_host_key_checking user_known_hosts_file global_known_hosts_file host_key_alias"),
            (_OPTION, "host_key_algorithms pubkey_accepted_algorithms kex_algorithms ciphers macs compression"),
            (_OPTION, "proxy_command tcp_keep_alive address_family bind_address"),
            (_OPTION, "preferred_authentications gssapi_authentication hostbased_authentication certificate_file"),
            (_OPTION, "pubkey_authentication password_authentication kbd_interactive_authentication batch_mode"),
            (_OPTION, "log_level set_env send_env number_of_password_prompts"),
        )
    ),
}

DOCKER: Mapping[str, str] = by_word(
    (
        ("write socket: /PATH", "host path sock url uri endpoint address file docker_host unix"),
        ("write sudo: true", "root as_root become use_sudo privileged"),
        ("write context: NAME", "name ctx docker_context"),
    )
)

DEFAULTS: Mapping[str, str] = by_word(
    (
        ("write connect_timeout", "timeout ssh_timeout"),
        ("write telemetry_interval", "interval poll poll_interval refresh refresh_interval every"),
        (_FOR_ALL, "user username login port identity_file key key_file jump proxy_jump bastion ssh_options options"),
        ("write it for each host", "tags readonly python docker engine backend shell vars shared_login"),
    )
)

FILE: Mapping[str, str] = by_word(
    (
        ("write hosts", "servers machines nodes inventory all fleet cluster clusters"),
        ("write ssh_config: /PATH", "config config_file"),
        ("write local", "localhost this me workstation"),
        ("write defaults", "all_hosts common global globals settings"),
        ("write hosts_files in config.yaml", "include includes imports extends shared shared_hosts"),
        ("write it under hosts, behind the host's name", "address jump identity_file tags readonly docker ssh_options"),
    )
)
