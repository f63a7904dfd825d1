-- Whose addresses changed: what 0078 looked up for each new port, all ports of all groups whose rules name its group, is
-- looked up once for many of them. Here only a mark is left, in the transaction of the change and by one row a change,
-- however many ports there are. The reconciler makes machines of the marks and deletes them, in one statement, before it
-- reads net_machine_dirty. Nothing is kept from being written twice: a mark that is being taken out must not stand for
-- a change that comes a moment later.
create table net_remote_dirty (
  seq bigint generated always as identity primary key,
  -- security_group: who is in it. port: its addresses. address_group: what is written in it.
  unit text not null,
  id uuid not null
);

drop trigger net_machine_dirty_remote on net_port_security_groups;
drop trigger net_machine_dirty_remote on net_fixed_ips;
drop trigger net_machine_dirty_remote on net_address_groups;
drop function net_mark_machines_of_remote();

create function net_mark_members() returns trigger language plpgsql as $$
begin
  insert into net_remote_dirty (unit, id) select distinct 'security_group', group_id from changed;
  return null;
end $$;
create trigger net_remote_dirty_more after insert on net_port_security_groups
  referencing new table as changed for each statement execute function net_mark_members();
create trigger net_remote_dirty_less after delete on net_port_security_groups
  referencing old table as changed for each statement execute function net_mark_members();

-- Of the groups the port is in then: when it leaves one, that is marked by itself.
create function net_mark_addresses() returns trigger language plpgsql as $$
begin
  insert into net_remote_dirty (unit, id) select distinct 'port', port_id from changed;
  return null;
end $$;
create trigger net_remote_dirty_more after insert on net_fixed_ips
  referencing new table as changed for each statement execute function net_mark_addresses();
create trigger net_remote_dirty_less after delete on net_fixed_ips
  referencing old table as changed for each statement execute function net_mark_addresses();

create function net_mark_address_group() returns trigger language plpgsql as $$
begin
  insert into net_remote_dirty (unit, id) values ('address_group', new.id);
  return null;
end $$;
create trigger net_remote_dirty after update of addresses on net_address_groups
  for each row execute function net_mark_address_group();
