package virtual_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flue-run/flue/sandbox"
	"github.com/flue-run/flue/sandbox/sqlitedb"
	"github.com/flue-run/flue/sandbox/virtual"
)

// TestApart: what a session leaves, runs or holds open cannot be seen by another.
func TestApart(t *testing.T) {
	const mark = "mark-of-the-other"
	left := 0
	for name, scripts := range map[string]struct{ leave, look string }{
		"files":         {`echo ` + mark + ` | tee /tmp/f f ~/f /var/f /dev/shm/f /etc/f >/dev/null`, `cat /tmp/* * ~/* /var/* /dev/shm/* /etc/*; find / -type f -newer /bin/ls -exec cat {} +; grep -r mark /`},
		"changed base":  {`echo echo ` + mark + ` >/bin/ls; echo ` + mark + ` >>/etc/passwd; chmod 0 /bin/cat`, `ls /; cat /etc/passwd; /bin/ls`},
		"variables":     {`export x=` + mark + ` PATH=/x IFS=m; declare -gA m=([k]=$x); a=($x)`, `set; env; declare -p; echo "$x ${m[k]} ${a[@]}"`},
		"functions":     {`f() { echo ` + mark + `; }; export -f f; ls() { f; }; alias cat=f; hash -p /tmp/f ls; enable -n echo`, `declare -f; f; ls; alias; hash; type ls; cat /etc/hostname`},
		"options":       {`set -o vi -u -f; shopt -s extglob nullglob; umask 777; cd /tmp; trap 'echo ` + mark + `' EXIT ERR DEBUG; ulimit -n 3`, `trap; umask; pwd; set -o; echo $unset_one; false`},
		"history":       {`history -s ` + mark + `; pushd /tmp; complete -W ` + mark + ` x; exec 9> >(cat)`, `history; dirs; complete; fc -l; echo x >&9`},
		"jobs":          {`sleep 9 & exec 5<<<` + mark + `; while :; do :; done`, `jobs; ps; kill -9 -1; kill -9 2 3 4 5; wait; cat <&5 /dev/fd/5 /proc/*/cmdline /proc/*/environ /proc/*/fd/5; pgrep sleep`},
		"databases":     {`sqlite3 /tmp/d "create table t(x); insert into t values ('` + mark + `'); attach 'file:/shared?vfs=memdb' as s; create table s.t as select * from t; vacuum into 'file:/shared?vfs=memdb'; pragma temp_store_directory='/tmp'"; sqlite3 'file:/shared?vfs=memdb' "create table t(x); insert into t values ('` + mark + `')"`, `sqlite3 :memory: "attach 'file:/shared?vfs=memdb' as s; select * from s.t; pragma temp_store_directory"; sqlite3 'file:/shared?vfs=memdb' 'select * from t'; sqlite3 /shared .dump`},
		"repositories":  {`git config --global user.name ` + mark + `; git init -q /tmp/r; git config --system a.b ` + mark, `git config --list --show-origin; git -C /tmp/r status`},
		"expressions":   {`[[ ` + mark + ` =~ (mark.*) ]]; awk 'BEGIN { match("` + mark + `", /mark(.*)/, m) }'; echo ` + mark + ` | grep -P 'mark\K.*' >/dev/null; jq -n '"` + mark + `" as $x | $x | test("mark.*")' >/dev/null`, `[[ x =~ (mark.*) ]]; echo "${BASH_REMATCH[@]}"; awk 'BEGIN { print m[1], RSTART, RLENGTH }'; jq -n '$__loc__, env, input_filename'`},
		"random":        {`RANDOM=7; awk 'BEGIN { srand(7) }'; shuf -i 1-9 --random-source=<(yes ` + mark + `)`, `RANDOM=; jq -n '$ENV'`},
		"working files": {`x=$(mktemp); echo ` + mark + ` >$x; sort -T /tmp <<<` + mark + ` >/dev/null; cat <(echo ` + mark + `) >/dev/null; cat <<<` + mark + ` >/dev/null`, `cat /tmp/* /tmp/.* /var/tmp/* /tmp/sh-* /tmp/sh-interp-* /dev/fd/*`},
	} {
		t.Run(name, func(t *testing.T) {
			one := open(t, virtual.Config{Databases: sqlitedb.Engine{}})
			other := open(t, virtual.Config{Databases: sqlitedb.Engine{}})
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() { // and it may still run
				defer close(done)
				for ctx.Err() == nil {
					one.Exec(ctx, sandbox.Exec{Script: scripts.leave, Timeout: 100 * time.Millisecond})
				}
			}()
			defer func() {
				cancel()
				<-done
				if r, _ := one.Exec(t.Context(), sandbox.Exec{Script: scripts.look}); strings.Contains(r.Stdout, mark) {
					left++
				}
			}()
			for range 3 {
				r, err := other.Exec(t.Context(), sandbox.Exec{Script: scripts.look, Timeout: 5 * time.Second})
				if err != nil || strings.Contains(r.Stdout+r.Stderr, mark) {
					t.Errorf("%s%s%v", r.Stdout, r.Stderr, err)
				}
				one.Exec(t.Context(), sandbox.Exec{Script: scripts.leave, Timeout: 100 * time.Millisecond})
			}
		})
	}
	if left < 4 { // the rest ends with its Exec
		t.Errorf("%d scripts left what could be seen", left)
	}
}

// TestUndisturbed: while one session runs into its limits, again and again, another takes less than twice as long as usual.
func TestUndisturbed(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	victim := open(t, virtual.Config{})
	median := func() time.Duration {
		var took []time.Duration
		for range 300 {
			began := time.Now()
			if r, err := victim.Exec(t.Context(), sandbox.Exec{Script: `for i in 1 2 3; do echo "$i" | cat; done`}); err != nil || r.ExitCode != 0 {
				t.Fatal(r, err)
			}
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		return took[len(took)/2]
	}
	for _, script := range []string{"x=x; while :; do x=$x$x; done", "yes | sort", "while :; do :; done", "f() { f | f; }; f", "awk 'BEGIN { while (1) s = s \"x\" }'"} {
		t.Run(script, func(t *testing.T) {
			attacker := open(t, virtual.Config{})
			// The machine may be busy with other things: one measurement of several is enough.
			var usual, then time.Duration
			for range 8 {
				usual = median()
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan struct{})
				go func() {
					defer close(done)
					for ctx.Err() == nil {
						attacker.Exec(ctx, sandbox.Exec{Script: script, Timeout: 300 * time.Millisecond})
					}
				}()
				then = median()
				cancel()
				<-done
				if then < 2*usual {
					return
				}
			}
			t.Errorf("%s instead of %s", then, usual)
		})
	}
}
