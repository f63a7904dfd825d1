"""Drives the Bare Metal API through openstacksdk as Bifrost's playbooks do by their Ansible modules: enrol, inventory,
inspect, deploy, redeploy, unprovision, delete. Argument: the endpoint, without authentication. Prints one JSON object of
what it saw."""
import json
import sys
import time

import openstack

NICS = [{"mac": "52:54:00:b1:00:01"}, {"mac": "52:54:00:b1:00:02"}]
seen = {}


def connect():
    """Each module is a program of its own, which finds the endpoint and its versions anew."""
    return openstack.connect(auth_type="none", endpoint=sys.argv[1], load_yaml_config=False, load_envvars=False)


def info(name):
    """Module baremetal_node_info: all of one node, by its name."""
    cloud = connect()
    found = cloud.baremetal.find_node(name)
    return None if found is None else cloud.baremetal.get_node(found["id"]).to_dict(computed=False)


def available(name):
    """The playbook looks until the node has been cleaned."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = info(name)
        if found["provision_state"] == "available":
            return found
        time.sleep(0.2)
    raise SystemExit(f"{name} stays {found['provision_state']}: {found['last_error']}")


def action(name, state, wait=True, **wish):
    """Module baremetal_node_action."""
    cloud = connect()
    node = cloud.baremetal.find_node(name, ignore_missing=False)
    if state == "present":
        if node["provision_state"] == "active":
            return False
        cloud.baremetal.update_node(node["id"], instance_info=wish["instance_info"])
        cloud.baremetal.validate_node(node["id"])
        cloud.baremetal.set_node_provision_state(
            node["id"], target="active", config_drive=wish["config_drive"], wait=wait, timeout=60)
    else:
        cloud.baremetal.update_node(node["id"], instance_info={})
        cloud.baremetal.set_node_provision_state(node["id"], target="deleted", wait=wait, timeout=60)
    return True


# Role ironic-enroll-dynamic. Of the two ways its module has had, this is that of the SDK before 1.0: version 1.6, which
# knows no `enroll`, for the node and none for its ports; manage and provide without a wait between but for the lock.
first, second = "bifrost-1", "bifrost-2"
seen["unknown"] = info(first)
facts = {
    "driver": "fake-hardware",
    "driver_info": {"fake_username": "ADMIN", "fake_password": "ADMIN_PASSWORD", "deploy_kernel": "http://x/kernel"},
    "properties": {"cpu_arch": "x86_64", "memory_mb": "32760", "local_gb": "235", "cpus": "16"}}
made = connect().register_machine(NICS, uuid="00000000-0000-4000-8000-0000000000b1", name=first, **facts)
seen["enrolled"] = available(first)["id"] == made["uuid"]
# That since: the SDK takes the node where it shall be, then makes the ports.
cloud = connect()
node = cloud.baremetal.create_node(provision_state="available", name=second, boot_interface="fake", **facts)
cloud.baremetal.create_port(node_id=node.id, address="52:54:00:b1:00:03", is_pxe_enabled=True)
seen["enrolled too"] = available(second)["boot_interface"]
# A card somebody has already: the node is given up again.
try:
    connect().register_machine(NICS[:1], name="bifrost-3", **facts)
    seen["twice"] = "taken"
except openstack.exceptions.SDKException as error:
    seen["twice"] = ["already exists" in str(error), info("bifrost-3")]

# Enrolled once more, as playbooks are run again: only what differs is sent, and the password it reads is masked.
found = info(first)
seen["masked"] = found["driver_info"]["fake_password"]
cloud = connect()
cloud.baremetal.update_node(found["id"], driver_info=facts["driver_info"], properties={**facts["properties"], "cpus": "8"})
seen["updated"] = info(first)["properties"]["cpus"]

# The inventory of the machines that are there (BIFROST_INVENTORY_SOURCE=ironic).
cloud = connect()
inventory = {}
for machine in cloud.list_machines():
    whole = cloud.get_machine(machine["uuid"])
    inventory[whole["name"]] = sorted(nic["address"] for nic in cloud.list_nics_for_machine(machine["uuid"]))
seen["inventory"] = inventory

# Role ironic-inspect-node: an available machine goes back to manageable, is inspected, and is provided again.
inspected = connect().inspect_machine(connect().baremetal.find_node(first)["id"], wait=True, timeout=60)
shown = connect().baremetal.get(f"/nodes/{inspected.id}", microversion="1.6").json()
seen["inspected"] = [inspected.provision_state, shown["inspection_finished_at"] is not None]

# Roles bifrost-configdrives-dynamic and bifrost-deploy-nodes-dynamic: the drive lies on Bifrost's own web server.
cloud = connect()
ports = cloud.baremetal.ports(details=True, node_uuid=cloud.baremetal.find_node(first)["id"])
seen["ports"] = sorted(port.to_dict(computed=False)["address"] for port in ports)
wish = {
    "instance_info": {"image_source": "http://192.0.2.1:8080/deployment_image.qcow2", "image_checksum": "a" * 64},
    "config_drive": "http://192.0.2.1:8080/configdrive-1.iso.gz"}
seen["deployed"] = [action(first, "present", **wish), info(first)["provision_state"], action(first, "present", **wish)]
deployed = info(first)
seen["instance"] = [deployed["instance_info"]["image_source"], deployed["instance_info"]["configdrive"]]
# Since then it hands the parts of a drive over, too.
parts = {"meta_data": {"hostname": second}, "user_data": "#cloud-config\n", "network_data": {"links": []}}
seen["deployed too"] = [action(second, "present", **{**wish, "config_drive": parts}), info(second)["provision_state"]]

# redeploy-dynamic: unprovisioned, seen until it is available, deployed again.
action(first, "absent", wait=False)
seen["unprovisioned"] = available(first)["instance_info"]
action(first, "present", **wish)
for name in (first, second):
    action(name, "absent")

# Role ironic-delete-dynamic: its cards, then itself.
connect().unregister_machine(NICS, connect().baremetal.find_node(first)["id"])
connect().unregister_machine([{"mac": "52:54:00:b1:00:03"}], connect().baremetal.find_node(second)["id"])
cloud = connect()
seen["left"] = [info(first), info(second), len(list(cloud.baremetal.ports()))]

# And all over again, under the UUID of the inventory: nothing of the first life counts.
cloud = connect()
cloud.register_machine(NICS, uuid=made["uuid"], name=first, **facts)
available(first)
node = connect().inspect_machine(made["uuid"], wait=True, timeout=60)
seen["again"] = [node.provision_state, node.last_error]
connect().unregister_machine(NICS, made["uuid"])
print(json.dumps(seen))
