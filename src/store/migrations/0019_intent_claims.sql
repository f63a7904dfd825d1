-- When a conductor took an action in hand: what it told the machine is no older, whoever asked however long ago.
alter table node_intents add column claimed_at timestamptz;
