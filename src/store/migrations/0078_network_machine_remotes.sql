-- Filters of machines' switch ports hold the addresses of the groups their rules name: they change when a member of such a
-- group comes, goes, or gets another address.
create function net_mark_machines_of_remote() returns trigger language plpgsql as $$
declare
  row jsonb := case when tg_op = 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
begin
  if tg_argv[0] = 'address' then
    insert into net_machine_dirty (machine_id)
      select distinct m.machine_id from net_security_group_rules r
        join net_port_security_groups g on g.group_id = r.group_id
        join net_machine_ports m on m.port_id = g.port_id
       where r.remote_address_group_id = (row ->> 'id')::uuid;
  else
    insert into net_machine_dirty (machine_id)
      select distinct m.machine_id from net_security_group_rules r
        join net_port_security_groups g on g.group_id = r.group_id
        join net_machine_ports m on m.port_id = g.port_id
       where r.remote_group_id in (
         select (row ->> 'group_id')::uuid where tg_argv[0] = 'member'
         union all
         select o.group_id from net_port_security_groups o
          where tg_argv[0] = 'fixed' and o.port_id = (row ->> 'port_id')::uuid);
  end if;
  return null;
end $$;

create trigger net_machine_dirty_remote after insert or delete on net_port_security_groups
  for each row execute function net_mark_machines_of_remote('member');
create trigger net_machine_dirty_remote after insert or delete on net_fixed_ips
  for each row execute function net_mark_machines_of_remote('fixed');
create trigger net_machine_dirty_remote after update of addresses on net_address_groups
  for each row execute function net_mark_machines_of_remote('address');
