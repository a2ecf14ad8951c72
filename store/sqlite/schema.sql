-- Version 1. Times are nanoseconds since 1970, 0 for none; JSON is text as it came.
pragma application_id = 1718383973; -- "flue"

create table meta (
	format integer not null, -- store.FormatVersion of the newest entry
	epoch  integer not null  -- the latest lease's, over all sessions, so that a session made anew fences its predecessor
);
insert into meta values (1, 0);

create table session (
	id      integer primary key autoincrement, -- never used twice: a watcher notices the deletion
	agent   text not null,
	session text not null,
	created integer not null,
	updated integer not null,
	runs    integer not null,
	last    integer not null default 0, -- position of the last entry
	epoch   integer not null default 0,
	owner   text not null default '',   -- of the lease
	expires integer not null default 0,
	unique (agent, session)
);

create table run (
	n           integer primary key autoincrement, -- order of admission
	id          text not null unique,
	session     integer not null references session on delete cascade,
	agent       text not null,
	payload     text,
	trigger     text,
	key         text, -- idempotency key
	fingerprint text not null,
	admitted    integer not null,
	abort       integer not null default 0,
	outcome     text,
	result      text,
	error       text,
	usage       text,
	settled     integer not null default 0
);
create unique index run_key on run (agent, key) where key is not null;
create index run_session on run (session, n);
create index run_queue on run (session, n) where outcome is null;

create table entry (
	session integer not null references session on delete cascade,
	seq     integer not null,
	epoch   integer not null,
	run     text not null,
	type    text not null,
	time    integer not null,
	data    text,
	blob    text, -- hash, when data is too large to sit here
	primary key (session, seq)
) without rowid;

create table value (
	key  text primary key,
	data blob not null
) without rowid;

create table blob (
	hash text primary key,
	data blob not null
);
