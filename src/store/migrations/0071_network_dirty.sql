-- What changed and has not been carried to OVN yet. Written by triggers, in the transaction of the change, so that no
-- crash and no forgotten call can lose one; taken out by the reconciler once OVN has it. A queue, not a log: it is
-- empty when all is well.
create table net_dirty (
  seq bigint generated always as identity primary key,
  -- network, port, security_group, address_group, router
  unit text not null,
  id uuid not null
);

-- For tables whose row is a unit itself. Columns that only show what was seen mark nothing.
create function net_mark_own() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    insert into net_dirty (unit, id) values (tg_argv[0], old.id);
  elsif tg_op = 'INSERT'
     or (to_jsonb(new) - '{status,revision,updated_at,description,tags}'::text[])
        is distinct from (to_jsonb(old) - '{status,revision,updated_at,description,tags}'::text[]) then
    insert into net_dirty (unit, id) values (tg_argv[0], new.id);
  end if;
  return null;
end $$;

-- For tables that hang on a unit: argument pairs of unit and column.
create function net_mark_parents() returns trigger language plpgsql as $$
declare
  was jsonb;
  now jsonb;
begin
  if tg_op <> 'INSERT' then was := to_jsonb(old); end if;
  if tg_op <> 'DELETE' then now := to_jsonb(new); end if;
  if tg_op = 'UPDATE' and was - '{status,revision,updated_at,description,tags}'::text[]
                        = now - '{status,revision,updated_at,description,tags}'::text[] then
    return null;
  end if;
  for i in 0 .. tg_nargs / 2 - 1 loop
    if was ->> tg_argv[2 * i + 1] is not null then
      insert into net_dirty (unit, id) values (tg_argv[2 * i], (was ->> tg_argv[2 * i + 1])::uuid);
    end if;
    if now ->> tg_argv[2 * i + 1] is not null
       and now ->> tg_argv[2 * i + 1] is distinct from was ->> tg_argv[2 * i + 1] then
      insert into net_dirty (unit, id) values (tg_argv[2 * i], (now ->> tg_argv[2 * i + 1])::uuid);
    end if;
  end loop;
  return null;
end $$;

create trigger net_dirty after insert or update or delete on net_networks
  for each row execute function net_mark_own('network');
create trigger net_dirty after insert or update or delete on net_segments
  for each row execute function net_mark_parents('network', 'network_id');
create trigger net_dirty after insert or update or delete on net_subnets
  for each row execute function net_mark_parents('network', 'network_id', 'subnet', 'id');
create trigger net_dirty after insert or update or delete on net_ports
  for each row execute function net_mark_own('port');
create trigger net_dirty after insert or update or delete on net_fixed_ips
  for each row execute function net_mark_parents('port', 'port_id');
create trigger net_dirty after insert or update or delete on net_port_security_groups
  for each row execute function net_mark_parents('port', 'port_id');
create trigger net_dirty after insert or update or delete on net_address_groups
  for each row execute function net_mark_own('address_group');
create trigger net_dirty after insert or update or delete on net_security_groups
  for each row execute function net_mark_own('security_group');
create trigger net_dirty after insert or update or delete on net_security_group_rules
  for each row execute function net_mark_parents('security_group', 'group_id');
create trigger net_dirty after insert or update or delete on net_routers
  for each row execute function net_mark_own('router');
create trigger net_dirty after insert or update or delete on net_router_ports
  for each row execute function net_mark_parents('router', 'router_id', 'port', 'port_id');
create trigger net_dirty after insert or update or delete on net_floating_ips
  for each row execute function net_mark_parents('router', 'router_id');
create trigger net_dirty after insert or update or delete on net_port_forwardings
  for each row execute function net_mark_parents('floating_ip', 'floatingip_id');
create trigger net_dirty after insert or update or delete on net_subports
  for each row execute function net_mark_parents('port', 'port_id');
create trigger net_dirty after insert or update or delete on net_trunks
  for each row execute function net_mark_parents('port', 'port_id');
create trigger net_dirty after insert or update or delete on net_qos_rules
  for each row execute function net_mark_parents('qos_policy', 'policy_id');
