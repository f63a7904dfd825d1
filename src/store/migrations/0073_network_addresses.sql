-- How addresses are handed out: each by one call, which looks no further than to the next gap, and never twice, for the
-- primary key of net_fixed_ips is the judge.

create index net_subnets_cidr on net_subnets using gist (cidr inet_ops);

-- Gives a port a free address from the subnet's allocation pools; null when there is none. `seed`, from 0 to below 1,
-- says where to begin: those who take addresses at the same time then seldom want the same.
create function net_take_address(for_port uuid, of_subnet uuid, at_position int, seed double precision) returns inet
language plpgsql as $$
declare
  pool record;
  size bigint;
  skip bigint;
  candidate inet;
  ending inet;
  taken inet;
begin
  for pool in select first_ip, last_ip from net_allocation_pools where subnet_id = of_subnet order by first_ip loop
    -- More than this many are never looked at by chance: large pools are filled from their beginning.
    if family(pool.first_ip) = 6 and pool.first_ip + 65535 <= pool.last_ip then
      size := 65535;
    else
      size := pool.last_ip - pool.first_ip;
    end if;
    skip := floor(seed * (size + 1));
    for part in 1 .. 2 loop
      exit when part = 2 and skip = 0;
      candidate := case when part = 1 then pool.first_ip + skip else pool.first_ip end;
      ending := case when part = 1 then pool.last_ip else pool.first_ip + (skip - 1) end;
      loop
        for taken in
          select f.ip from net_fixed_ips f
           where f.subnet_id = of_subnet and f.ip >= candidate and f.ip <= ending order by f.ip
        loop
          exit when taken <> candidate;
          exit when candidate = ending;
          candidate := candidate + 1;
        end loop;
        exit when taken = ending and candidate = ending;
        insert into net_fixed_ips (subnet_id, ip, port_id, position)
          values (of_subnet, candidate, for_port, at_position) on conflict do nothing;
        if found then return candidate; end if;
        -- Somebody took it in this moment.
        exit when candidate = ending;
        candidate := candidate + 1;
      end loop;
    end loop;
  end loop;
  return null;
end $$;

-- The address a port makes itself on a subnet of SLAAC: from its MAC address, with one bit turned (modified EUI-64).
create function net_auto_address(subnet cidr, mac macaddr) returns inet
language sql immutable as $$
  select host(network(subnet)::inet | ((own | bit) & ~ (own & bit)))::inet
    from (select ('::' || regexp_replace(mac::macaddr8::text,
      '(..):(..):(..):(..):(..):(..):(..):(..)', '\1\2:\3\4:\5\6:\7\8'))::inet as own, '::200:0:0:0'::inet as bit) m
$$;

-- The first prefix of a length that a subnet pool has left; null when there is none. The caller holds the pool.
create function net_free_prefix(of_pool uuid, wanted int) returns cidr
language plpgsql as $$
declare
  prefix cidr;
  candidate cidr;
  used cidr;
  ending inet;
begin
  for prefix in select p from net_subnet_pools s, unnest(s.prefixes) p where s.id = of_pool order by p loop
    continue when masklen(prefix) > wanted;
    candidate := set_masklen(prefix::inet, wanted)::cidr;
    for used in select s.cidr from net_subnets s where s.subnetpool_id = of_pool and s.cidr <<= prefix order by s.cidr loop
      if used && candidate then
        ending := case when masklen(used) < wanted then broadcast(used) else broadcast(candidate) end;
        if host(ending) = host(broadcast(prefix)) then
          candidate := null;
          exit;
        end if;
        candidate := network(set_masklen(host(ending)::inet + 1, wanted));
      elsif used > candidate then
        exit;
      end if;
    end loop;
    if candidate is not null then return candidate; end if;
  end loop;
  return null;
end $$;
