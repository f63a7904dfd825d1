-- As 0074, with two things changed. Requests that come at once are done together, so that several are added by one call:
-- those pass side by side, too, where there is room for 128 such at the same time. And where the limit is far, which is
-- nearly always, rows are counted once: who asks says that it was far a moment ago (`far`). It may be wrong: then the
-- lock is raised, and of two who do that at once PostgreSQL ends one, which is tried again.
drop function net_quota_allows(text, text, regclass, int, int, int);
create function net_quota_room(of_project text, of_resource text, of_table regclass, usual int, delta int, slack int, far boolean)
returns bigint language plpgsql as $$
declare
  most int;
  used bigint;
  counting text := format('select count(*) from %s where project_id = $1', of_table);
  key bigint := hashtextextended('network quota ' || of_resource || ' ' || of_project, 0);
begin
  select quota into most from net_quotas where project_id = of_project and resource = of_resource;
  most := coalesce(most, usual);
  if most < 0 then return 9223372036854775807; end if;
  if not far then
    execute counting into used using of_project;
    far := used + slack * delta < most;
  end if;
  if far then
    perform pg_advisory_xact_lock_shared(key);
    execute counting into used using of_project;
    if used + slack * delta < most then return most - used - delta; end if;
  end if;
  perform pg_advisory_xact_lock(key);
  execute counting into used using of_project;
  return most - used - delta;
end $$;
