-- Version 1. Times are nanoseconds since 1970, 0 for none; JSON is text as it came.
pragma application_id = 1718383973; -- "flue"

create table meta (
	format integer not null -- store.FormatVersion of the newest entry
);
insert into meta values (1);

create table session (
	id      integer primary key autoincrement, -- never used twice: epochs begin with it, so that a session made anew fences its predecessor
	agent   text not null,
	session text not null,
	created integer not null,
	updated integer not null,
	runs    integer not null,
	waiting integer not null default 0, -- runs without an outcome
	last    integer not null default 0, -- position of the last entry
	epoch   integer not null default 0,
	owner   text not null default '',   -- of the lease
	expires integer not null default 0,
	alive   integer not null default 0, -- where its process proves that it lives, see alive.go; 0: nowhere
	unique (agent, session)
);
create index session_updated on session (updated); -- the latest sessions, and the idle ones, among very many

create table run (
	n           integer primary key autoincrement, -- order of admission
	id          text not null unique,
	session     integer not null references session on delete cascade,
	agent       text not null,
	payload     text,
	trigger     text,
	parent      text not null,
	key         text, -- idempotency key
	fingerprint text not null,
	admitted    integer not null,
	started     integer not null default 0,
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

create table batch (
	place integer primary key, -- of its first entry: the session's id times 2^32, and the entry's position
	count integer not null,
	epoch integer not null,
	data  blob not null        -- the entries that one append has written, see batch.go
);

create table blob (
	id   integer primary key,
	hash text not null unique,
	data blob not null
);

create table blob_of ( -- which sessions have a blob
	session integer not null references session on delete cascade,
	blob    integer not null references blob,
	primary key (session, blob)
) without rowid;
create index blob_sessions on blob_of (blob);

create table value (
	key  text primary key,
	data blob not null
) without rowid;
