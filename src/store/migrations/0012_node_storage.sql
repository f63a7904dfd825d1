-- Room on the page for the next version of a row: an edit that touches no indexed column then writes no index.
alter table nodes set (fillfactor = 75);
alter table ports set (fillfactor = 85);

-- Each transition of a node writes all its indexes. These told too little apart to earn that: lists in order of
-- enrolment read the rows anyway, and most nodes have no shard.
drop index nodes_driver;
drop index nodes_conductor_group;
drop index nodes_shard;
create index nodes_shard on nodes (shard, seq) where shard is not null;
