"""Drives the Bare Metal API through openstacksdk, as Ansible's modules do. Prints one JSON object of what it saw."""
import json
import sys

import openstack

endpoint, auth = sys.argv[1], json.loads(sys.argv[2])
if auth is None:
    cloud = openstack.connect(auth_type="none", endpoint=endpoint, load_yaml_config=False, load_envvars=False)
else:
    cloud = openstack.connect(load_yaml_config=False, load_envvars=False, **auth)
bm = cloud.baremetal
seen = {}

seen["drivers"] = [d.name for d in bm.drivers()]
chassis = bm.create_chassis(description="rack")
node = bm.create_node(driver="fake-hardware", name="sdk-1", provision_state="enroll", chassis_id=chassis.id, resource_class="sdk")
seen["created"] = node.provision_state
bm.update_node(node, extra={"a": 1})
bm.patch_node(node, [{"op": "add", "path": "/extra/b", "value": 2}])
seen["extra"] = bm.get_node(node.id).extra
bm.set_node_traits(node, ["CUSTOM_A"])
bm.add_node_trait(node, "CUSTOM_B")
bm.remove_node_trait(node, "CUSTOM_A")
seen["traits"] = bm.get_node(node.id).traits
port = bm.create_port(node_id=node.id, address="52:54:00:12:34:56")
group = bm.create_port_group(node_id=node.id, name="bond0", address="52:54:00:12:34:57")
bm.update_port(port, port_group_id=group.id)
seen["ports"] = [p.address for p in bm.ports(details=True, node=node.id)]
seen["validate"] = bm.validate_node(node, required=("power",))["power"].result
for target, reached in (("manage", "manageable"), ("provide", "available")):
    bm.set_node_provision_state(node, target, wait=True, timeout=60)
    seen[target] = bm.get_node(node.id).provision_state
allocation = bm.create_allocation(name="a1", resource_class="sdk")
allocation = bm.wait_for_allocation(allocation, timeout=30)
seen["allocation"] = [allocation.state, allocation.node_id == node.id]
bm.set_node_provision_state(node, "active", wait=True, timeout=60)
seen["active"] = bm.get_node(node.id).provision_state
bm.set_node_power_state(node, "power off", wait=True, timeout=60)
seen["power"] = bm.get_node(node.id).power_state
bm.set_node_boot_device(node, "pxe", persistent=True)
seen["boot device"] = bm.get(f"/nodes/{node.id}/management/boot_device").json()["boot_device"]
bm.put(f"/nodes/{node.id}/management/inject_nmi", json={}, microversion="1.29")
bm.attach_vif_to_node(node, "9ea5ad0c-0000-4000-8000-000000000001")
bm.detach_vif_from_node(node, "9ea5ad0c-0000-4000-8000-000000000001")
bm.set_node_maintenance(node, "test")
bm.unset_node_maintenance(node)
bm.set_node_provision_state(node, "deleted", wait=True, timeout=60)
seen["deleted"] = bm.get_node(node.id).provision_state
template = bm.create_deploy_template(
    name="CUSTOM_SDK", steps=[{"interface": "raid", "step": "x", "args": {}, "priority": 1}])
seen["templates"] = [t.name for t in bm.deploy_templates()]
bm.delete_deploy_template(template)
bm.set_node_provision_state(node, "manage", wait=True, timeout=60)
connector = bm.create_volume_connector(node_id=node.id, type="iqn", connector_id="iqn.2026-01.org:1")
target = bm.create_volume_target(node_id=node.id, volume_type="iscsi", boot_index=0, volume_id="v1")
seen["volumes"] = [len(list(bm.volume_connectors())), len(list(bm.volume_targets()))]
bm.set_node_power_state(node, "power off", wait=True, timeout=60)
bm.delete_volume_target(target)
bm.delete_volume_connector(connector)
bm.delete_port(port)
bm.delete_port_group(group)
for one in bm.allocations():
    bm.delete_allocation(one)
bm.delete_node(node)
bm.delete_chassis(chassis)
seen["left"] = len(list(bm.nodes()))
print(json.dumps(seen))
