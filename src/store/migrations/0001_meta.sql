-- Facts about the database itself. The table `migrations` is made by the runner before any file runs.
create table meta (
  key text primary key,
  value text not null
);
