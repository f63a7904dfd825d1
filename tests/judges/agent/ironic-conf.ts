/** Configuration of Debian's Ironic 21.4 (one process, SQLite, no authentication) for the agent to serve. */
export function ironicConf(folder: string, port: number): string {
  return `[DEFAULT]
auth_strategy = noauth
enabled_hardware_types = fake-hardware
enabled_bios_interfaces = no-bios
enabled_boot_interfaces = fake
enabled_console_interfaces = no-console
enabled_deploy_interfaces = direct
enabled_inspect_interfaces = no-inspect
enabled_management_interfaces = fake
enabled_network_interfaces = noop
enabled_power_interfaces = fake
enabled_raid_interfaces = agent,no-raid
enabled_rescue_interfaces = no-rescue
enabled_storage_interfaces = noop
enabled_vendor_interfaces = no-vendor
default_deploy_interface = direct
rpc_transport = none
host = localhost
tempdir = ${folder}
state_path = ${folder}
[agent]
image_download_source = swift
certificates_path = ${folder}/certificates
deploy_logs_collect = never
post_deploy_get_power_state_retries = 1
post_deploy_get_power_state_retry_interval = 1
[api]
host_ip = 127.0.0.1
port = ${port}
api_workers = 1
[database]
connection = sqlite:///${folder}/ironic.sqlite
[conductor]
automated_clean = true
heartbeat_interval = 5
sync_power_state_interval = 0
[deploy]
default_boot_mode = uefi
[dhcp]
dhcp_provider = none
[service_catalog]
auth_type = none
endpoint_override = http://127.0.0.1:${port}
[oslo_concurrency]
lock_path = ${folder}/locks
`;
}
