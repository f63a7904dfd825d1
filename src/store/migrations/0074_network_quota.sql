-- May a project have `delta` more? One call, in the transaction that adds. Far from the limit those who add one pass
-- side by side and only share a lock; near it, or with many at once, one passes at a time and after all who passed
-- before, so that two never both take the last place. Each count is a statement of its own: it sees what was committed
-- while the lock was waited for.
create function net_quota_allows(of_project text, of_resource text, of_table regclass, usual int, delta int, slack int)
returns boolean language plpgsql as $$
declare
  most int;
  used bigint;
  counting text := format('select count(*) from %s where project_id = $1', of_table);
  key bigint := hashtextextended('network quota ' || of_resource || ' ' || of_project, 0);
begin
  select quota into most from net_quotas where project_id = of_project and resource = of_resource;
  most := coalesce(most, usual);
  if most < 0 then return true; end if;
  if delta = 1 then
    execute counting into used using of_project;
    if used + slack < most then
      perform pg_advisory_xact_lock_shared(key);
      execute counting into used using of_project;
      if used + slack < most then return true; end if;
    end if;
  end if;
  perform pg_advisory_xact_lock(key);
  execute counting into used using of_project;
  return used + delta <= most;
end $$;
