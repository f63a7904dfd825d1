-- Machines whose switch ports may have to carry something else: a trunk got a subport, a group a rule. Written by
-- triggers, in the transaction of the change; taken out by the reconciler once the switches were asked.
create table net_machine_dirty (
  seq bigint generated always as identity primary key,
  machine_id uuid not null
);

-- The argument says by which column the row leads to ports that are bound to machines.
create function net_mark_bound_machine() returns trigger language plpgsql as $$
declare
  row jsonb := case when tg_op = 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
begin
  if tg_argv[0] = 'group' then
    insert into net_machine_dirty (machine_id)
      select distinct m.machine_id from net_port_security_groups g join net_machine_ports m on m.port_id = g.port_id
       where g.group_id = (row ->> tg_argv[1])::uuid;
  elsif tg_argv[0] = 'trunk' then
    insert into net_machine_dirty (machine_id)
      select m.machine_id from net_trunks t join net_machine_ports m on m.port_id = t.port_id
       where t.id = (row ->> tg_argv[1])::uuid;
  else
    insert into net_machine_dirty (machine_id)
      select m.machine_id from net_machine_ports m where m.port_id = (row ->> tg_argv[1])::uuid;
  end if;
  return null;
end $$;

create trigger net_machine_dirty after insert or delete on net_subports
  for each row execute function net_mark_bound_machine('trunk', 'trunk_id');
create trigger net_machine_dirty after update of admin_state_up on net_trunks
  for each row execute function net_mark_bound_machine('port', 'port_id');
create trigger net_machine_dirty
  after update of admin_state_up, port_security_enabled, allowed_address_pairs, strict_security_groups on net_ports
  for each row execute function net_mark_bound_machine('port', 'id');
create trigger net_machine_dirty after insert or delete on net_fixed_ips
  for each row execute function net_mark_bound_machine('port', 'port_id');
create trigger net_machine_dirty after insert or delete on net_port_security_groups
  for each row execute function net_mark_bound_machine('port', 'port_id');
create trigger net_machine_dirty after insert or delete on net_security_group_rules
  for each row execute function net_mark_bound_machine('group', 'group_id');
create trigger net_machine_dirty after update of stateful on net_security_groups
  for each row execute function net_mark_bound_machine('group', 'id');
