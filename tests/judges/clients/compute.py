"""Drives the Bare Metal API through Nova's own driver for it, as nova-compute does. Argument: the operator's login, as
JSON. Prints one JSON object of what it saw.

The operator enrols a machine and makes the user `nova`, as whom the driver comes. Only Nova's side is stood in for: its
database, and its looks at Neutron. Every request for a machine is the driver's own, by ironicclient and openstacksdk."""
from nova import monkey_patch  # noqa: F401  first of all, as nova-compute does

import base64
import gzip
import json
import logging
import os
import sys
import tempfile

import openstack
from keystoneauth1 import session
from nova import conf, context, objects
from nova.compute import provider_tree
from nova.network import model, security_group_api
from nova.objects import block_device as bdm_objects
from nova.objects import fields
from nova.virt import block_device
from nova.virt import fake
from nova.virt.ironic import driver as ironic_driver

logging.basicConfig(stream=sys.stderr, level=logging.ERROR)
logging.getLogger("nova.virt.ironic").setLevel(logging.WARNING)
HOST = "compute-1"
INSTANCE = "6d3a7c1e-57c5-4a0e-9d0b-0c0d3b0f5a11"
VOLUME = "0b7e0f0a-1111-4111-8111-000000000003"

login = json.loads(sys.argv[1])
cloud = openstack.connect(load_yaml_config=False, load_envvars=False, **login)
project = cloud.identity.find_project("service")
user = cloud.identity.create_user(name="nova", password="nova-password-1", domain_id="default")
cloud.identity.assign_project_role_to_user(project, user, cloud.identity.find_role("service"))
lab = cloud.network.create_network(
    name="lab", provider_network_type="flat", provider_physical_network="physnet1")
cloud.network.create_subnet(network_id=lab.id, ip_version=4, cidr="192.0.2.0/24")
port = cloud.network.create_port(network_id=lab.id, binding_vnic_type="baremetal")
machine = cloud.baremetal.create_node(
    driver="fake-hardware", provision_state="enroll", resource_class="nova-gold", network_interface="flat",
    properties={"cpus": 8, "memory_mb": 4096, "local_gb": 100, "cpu_arch": "x86_64",
                "capabilities": "boot_mode:uefi,gpu:no"})
node = machine.id
cloud.baremetal.create_port(node_id=node, address="52:54:00:00:00:77", physical_network="physnet1")
cloud.baremetal.set_node_traits(machine, ["CUSTOM_FAST"])
for target in ("manage", "provide"):
    cloud.baremetal.set_node_provision_state(machine, target, wait=True, timeout=60)
cloud.baremetal.set_node_power_state(machine, "power off", wait=True, timeout=60)
cloud.baremetal.create_volume_connector(node_id=node, type="iqn", connector_id="iqn.2026-01.org:nova")

folder = tempfile.TemporaryDirectory()
settings = os.path.join(folder.name, "nova.conf")
with open(settings, "w") as out:
    out.write(f"""
[DEFAULT]
host = {HOST}
state_path = {folder.name}
[oslo_concurrency]
lock_path = {folder.name}
[ironic]
api_retry_interval = 1
api_max_retries = 30
partition_key =
peer_list = {HOST}
auth_type = password
auth_url = {login["auth_url"]}
username = nova
password = nova-password-1
user_domain_id = default
project_name = service
project_domain_id = default
""")
conf.CONF(["--config-file", settings], project="nova", default_config_files=[])
objects.register_all()

# --- What Nova's database would say. ---
mine = []  # the instances of this host
objects.ServiceList.get_all_computes_by_hv_type = lambda *_: []
objects.InstanceList.get_uuids_by_host = lambda *_: list(mine)
objects.Instance.save = lambda self, **_: None
objects.Instance.refresh = lambda self, **_: None
objects.Instance.get_bdms = lambda self: objects.BlockDeviceMappingList(objects=[])
bdm_objects.BlockDeviceMapping.save = lambda self: None
security_group_api.get_instance_security_groups = lambda *_: []

admin = context.get_admin_context()
network = model.Network(
    id=lab.id, bridge=None, label="lab",
    subnets=[model.Subnet(
        cidr="192.0.2.0/24", gateway=model.IP(address="192.0.2.1", type="gateway"), dns=[], routes=[], version=4,
        ips=[model.FixedIP(address=port.fixed_ips[0]["ip_address"], version=4)])])
vif = model.VIF(id=port.id, address=port.mac_address, network=network, type="other", devname="tap0")
network_info = model.NetworkInfo([vif])
image = objects.ImageMeta.from_dict({
    "id": "c0ffee00-0000-4000-8000-000000000005", "name": "image", "status": "active",
    "properties": {"os_distro": "debian"}})
flavor = objects.Flavor(
    id=1, name="bm.gold", flavorid="1", memory_mb=2048, vcpus=2, root_gb=20, ephemeral_gb=0, swap=0, rxtx_factor=1.0,
    vcpu_weight=1, disabled=False, is_public=True, projects=[],
    extra_specs={"resources:CUSTOM_NOVA_GOLD": "1", "trait:CUSTOM_FAST": "required",
                 "capabilities:boot_mode": "uefi"})


def instance_on(node):
    """The instance as nova-compute has it when it is to be built."""
    return objects.Instance(
        admin, id=1, uuid=INSTANCE, node=node, host=HOST, display_name="machine-1", hostname="machine-1",
        image_ref=image.id, flavor=flavor, config_drive="True", user_data=base64.b64encode(b"#cloud-config\n").decode(),
        vm_state="building", task_state="spawning", launched_at=None, availability_zone="nova", launch_index=0,
        metadata={}, system_metadata={"image_os_distro": "debian"}, key_name=None, key_data=None, root_device_name=None,
        default_ephemeral_device=None, default_swap_device=None, reservation_id="r-1", kernel_id="", ramdisk_id="",
        project_id="p", user_id="u", security_groups=objects.SecurityGroupList(objects=[]), numa_topology=None,
        device_metadata=None, tags=objects.TagList(objects=[]), keypairs=objects.KeyPairList(objects=[]),
        services=objects.ServiceList(objects=[]), fault=None, trusted_certs=None, vcpu_model=None,
        info_cache=objects.InstanceInfoCache(instance_uuid=INSTANCE, network_info=network_info),
        pci_devices=objects.PciDeviceList(objects=[]), pci_requests=objects.InstancePCIRequests(requests=[]),
        ec2_ids=objects.EC2Ids(instance_id="i-1", ami_id="ami-1", kernel_id=None, ramdisk_id=None),
        old_flavor=None, new_flavor=None, migration_context=None, resources=None, access_ip_v4=None, access_ip_v6=None,
        os_type=None, architecture=None, progress=0, power_state=0)


def raises(call, *arguments, **more):
    """The name of the exception of a call that has to fail."""
    try:
        call(*arguments, **more)
    except Exception as error:
        return type(error).__name__
    return None


def state(of):
    return fields.InstancePowerState.from_index(driver.get_info(of, use_cache=False).state)


# What is refused of what the driver asks, and the versions it comes to by ironicclient.
refused, versions = [], set()
send = session.Session._send_request


def told(self, url, *more, headers, **others):
    reply = send(self, url, *more, headers=headers, **others)
    if reply.status_code >= 400:
        refused.append([reply.request.method, reply.request.path_url.split("?")[0], reply.status_code])
    if headers.get("User-Agent") == "python-ironicclient" and "X-OpenStack-Ironic-API-Version" in headers:
        versions.add(headers["X-OpenStack-Ironic-API-Version"])
    return reply


session.Session._send_request = told
seen = {}
driver = ironic_driver.IronicDriver(fake.FakeVirtAPI())
driver.init_host(HOST)
sdk = driver.ironic_connection

# Which nodes there are, and what each is for the scheduler.
seen["exists"] = [node in driver.get_available_nodes(), driver.node_is_available(node), driver.node_is_available(INSTANCE)]
found = driver.get_available_resource(node)
seen["resource"] = {key: found[key] for key in ("resource_class", "supported_instances", "stats")}


def tree():
    """What would go to Placement."""
    providers = provider_tree.ProviderTree()
    providers.new_root(node, node)
    driver.update_provider_tree(providers, node)
    data = providers.data(node)
    return [data.inventory["CUSTOM_NOVA_GOLD"]["reserved"], sorted(data.traits)]


seen["free"] = tree()

# Built as ComputeManager does: reserved, networks, volumes, spawned.
instance = instance_on(node)
seen["before"] = [state(instance), driver.instance_exists(instance), INSTANCE in driver.list_instance_uuids()]
driver.prepare_for_spawn(instance)
mine.append(instance.uuid)
other = instance_on(node)
other.uuid = VOLUME
seen["taken"] = raises(driver.prepare_for_spawn, other)
driver.prepare_networks_before_block_device_mapping(instance, network_info)
driver.attach_interface(admin, instance, image, vif)  # once more: a conflict, which it knows
seen["vifs"] = [one["id"] == port.id for one in sdk.get(f"/nodes/{node}/vifs", microversion="1.46").json()["vifs"]]
seen["connector"] = driver.get_volume_connector(instance)
volume = objects.BlockDeviceMapping(
    admin, id=1, uuid=VOLUME, instance_uuid=INSTANCE, source_type="volume", destination_type="volume", boot_index=1,
    volume_id=VOLUME, device_name="/dev/sdb", device_type="disk", disk_bus="scsi", guest_format=None, no_device=False,
    delete_on_termination=False, connection_info=json.dumps(
        {"driver_volume_type": "iscsi", "data": {"target_lun": 1, "target_iqn": "iqn.2026-01.org:t"}}),
    volume_size=1, snapshot_id=None, image_id=None, tag=None, volume_type=None, attachment_id=None, encrypted=False)
volumes = {"block_device_mapping": block_device.convert_volumes([volume])}
configdrives = []
generate = driver._generate_configdrive
driver._generate_configdrive = lambda *a, **k: configdrives.append(generate(*a, **k)) or configdrives[-1]
driver.spawn(admin, instance, image, [("/etc/motd", b"hello")], "hunter2", {}, network_info, volumes)
built = sdk.get(f"/nodes/{node}", microversion="1.46").json()
info = built["instance_info"]
seen["built"] = [built["provision_state"], built["instance_uuid"] == INSTANCE, info["display_name"],
                 info["root_gb"], info["nova_host_id"], info["traits"], json.loads(info["capabilities"]),
                 info["configdrive"]]
drive = gzip.decompress(base64.b64decode(configdrives[0]))
seen["config drive"] = [drive[0x8001:0x8006].decode(), b"machine-1" in drive, b"52:54:00:00:00:77" in drive]
seen["volumes"] = [one["volume_id"] for one in sdk.get(
    f"/nodes/{node}/volume/targets?detail=True", microversion="1.46").json()["targets"]]
instance.vm_state, instance.task_state = "active", None

# The periodic tasks.
driver.get_available_nodes()
seen["used"] = tree()
seen["instances"] = [INSTANCE in driver.list_instance_uuids(), driver.instance_exists(instance)]

# Power.
seen["power"] = [state(instance)]
driver.power_off(instance)
seen["power"].append(state(instance))
driver.power_on(admin, instance, network_info)
seen["power"].append(state(instance))
driver.power_off(instance, timeout=60)
seen["power"].append(state(instance))
driver.reboot(admin, instance, network_info, "HARD")
driver.reboot(admin, instance, network_info, "SOFT")
seen["power"].append(state(instance))
driver.trigger_crash_dump(instance)

# The serial console: off at first. On, Nova switches it off and on to be its only user; but its proxy goes to TCP ports
# without a login only, which there are none of.
seen["console"] = [raises(driver.get_serial_console, admin, instance)]
cloud.baremetal.put(f"/nodes/{node}/states/console", json={"enabled": True}, microversion="1.46")
seen["console"].append(raises(driver.get_serial_console, admin, instance))
seen["console"].append(cloud.baremetal.get(f"/nodes/{node}/states/console").json()["console_info"]["type"])

# Rescue, rebuild.
driver.rescue(admin, instance, network_info, image, "hunter2", None)
driver.unrescue(admin, instance)
driver.rebuild(admin, instance, image, [], None, {}, None, None, None, network_info)
instance.task_state = None
built = sdk.get(f"/nodes/{node}", microversion="1.46").json()
seen["rebuilt"] = [built["provision_state"], built["instance_uuid"] == INSTANCE]

# Gone: undeployed, its volumes and ports taken off; what is not there is no error.
driver.detach_interface(admin, instance, vif)
driver.destroy(admin, instance, network_info)
driver.destroy(admin, instance, network_info)
mine.clear()
gone = sdk.get(f"/nodes/{node}", microversion="1.46").json()
seen["gone"] = [gone["instance_uuid"], gone["instance_info"], state(instance), driver.instance_exists(instance)]
for what in ("vifs", "volume/targets"):
    seen["gone"].append(list(sdk.get(f"/nodes/{node}/{what}", microversion="1.46").json().values())[0])

# A build that fails before anything began: what was reserved is given back.
sdk.wait_for_nodes_provision_state([node], "available", timeout=60)
instance = instance_on(node)
driver.prepare_for_spawn(instance)
driver.failed_spawn_cleanup(instance)
freed = sdk.get(f"/nodes/{node}", microversion="1.46").json()
seen["failed"] = [freed["instance_uuid"], freed["instance_info"], freed["provision_state"]]
seen["refused"] = [" ".join(map(str, one)).replace(node, "NODE").replace(port.id, "VIF") for one in refused]
seen["versions"] = sorted(versions)

# The operator takes everything away again.
cloud.baremetal.set_node_maintenance(node)
cloud.baremetal.delete_node(node)
cloud.network.delete_port(port)
cloud.network.delete_network(lab)
cloud.identity.delete_user(user)
print(json.dumps(seen))
