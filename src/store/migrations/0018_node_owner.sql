-- Taking a node changes its owner and nothing that lists look for: without an index on the owner, and with some
-- room in the pages, PostgreSQL writes such a change beside the row and leaves all other indexes alone (HOT).
drop index nodes_owner_incarnation;
alter table nodes set (fillfactor = 80);
