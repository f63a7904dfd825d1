-- Lists of rules and agents have an order of their own.
alter table net_qos_rules add column seq bigint generated always as identity;
create unique index net_qos_rules_seq on net_qos_rules (seq);
alter table net_agents add column seq bigint generated always as identity;
create unique index net_agents_seq on net_agents (seq);

-- A floating address whose port is gone leads nowhere: whoever deletes the port need not know of it. Forwarded ports go
-- with theirs by themselves; the address is carried by no router once the last of them is gone.
create function net_floating_ip_loses_port() returns trigger language plpgsql as $$
begin
  new.fixed_ip := null;
  new.router_id := null;
  new.status := 'DOWN';
  return new;
end $$;
create trigger net_floating_ip_loses_port before update on net_floating_ips
  for each row when (old.fixed_port_id is not null and new.fixed_port_id is null)
  execute function net_floating_ip_loses_port();

create function net_forwarding_gone() returns trigger language plpgsql as $$
begin
  update net_floating_ips i set router_id = null, status = 'DOWN', revision = revision + 1
   where i.id = old.floatingip_id and i.fixed_port_id is null and i.router_id is not null
     and not exists (select from net_port_forwardings w where w.floatingip_id = i.id);
  return null;
end $$;
create trigger net_forwarding_gone after delete on net_port_forwardings
  for each row execute function net_forwarding_gone();

-- An address that a port gives up is led to no more. Looked at when all is said: who writes a port's addresses anew may
-- take them all away first.
create function net_fixed_ip_gone() returns trigger language plpgsql as $$
begin
  if exists (select from net_fixed_ips f where f.port_id = old.port_id and f.ip = old.ip) then
    return null;
  end if;
  update net_floating_ips set fixed_port_id = null, revision = revision + 1
   where fixed_port_id = old.port_id and fixed_ip = old.ip;
  delete from net_port_forwardings where internal_port_id = old.port_id and internal_ip = old.ip;
  return null;
end $$;
create constraint trigger net_fixed_ip_gone after delete on net_fixed_ips
  deferrable initially deferred for each row execute function net_fixed_ip_gone();
