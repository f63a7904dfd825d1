-- More of what a change touches, which only the row as it was can say.

-- A machine's addresses stand in rows of its network and of its security groups: those have to be made again when
-- the port goes, or becomes that of a virtual machine.
create function net_mark_machine() returns trigger language plpgsql as $$
begin
  insert into net_dirty (unit, id) values ('network', old.network_id);
  insert into net_dirty (unit, id) select 'security_group', group_id from net_port_security_groups where port_id = old.id;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger net_dirty_machine_gone before delete on net_ports
  for each row when (old.vnic_type <> 'normal') execute function net_mark_machine();
create trigger net_dirty_machine_changed before update on net_ports
  for each row when (old.vnic_type <> 'normal' and
                     (new.vnic_type, new.host_id, new.network_id) is distinct from (old.vnic_type, old.host_id, old.network_id))
  execute function net_mark_machine();

create function net_mark_group_of_machine() returns trigger language plpgsql as $$
declare
  port uuid := case when tg_op = 'DELETE' then old.port_id else new.port_id end;
begin
  insert into net_dirty (unit, id)
    select 'security_group', case when tg_op = 'DELETE' then old.group_id else new.group_id end
      from net_ports where id = port and vnic_type <> 'normal';
  return null;
end $$;
create trigger net_dirty_machine after insert or delete on net_port_security_groups
  for each row execute function net_mark_group_of_machine();

-- What a network says for all its ports.
create function net_mark_ports_of_network() returns trigger language plpgsql as $$
begin
  insert into net_dirty (unit, id) values ('network_ports', new.id);
  return null;
end $$;
create trigger net_dirty_ports after update on net_networks
  for each row when ((new.qos_policy_id, new.dns_domain) is distinct from (old.qos_policy_id, old.dns_domain))
  execute function net_mark_ports_of_network();

create index net_ports_segment on net_ports (bound_segment_id) where bound_segment_id is not null;
