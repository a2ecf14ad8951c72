# Runs one script of an agent, inside the sandbox: run.sh FOLDER DIRECTORY SECONDS INPUT ARG…
# FOLDER has the script, and goes with this shell. INPUT is - for none. The ARGs are $0, $1, … of the script.
#
# What the script writes leaves as lines, in base64, so that no byte of it is changed on the way: "o TEXT" on stdout is of
# its stdout, "e TEXT" on stderr of its stderr. "x STATUS" on stdout and "x" on stderr are the end. Its input comes the
# same way: lines of base64, the last one is a dot.
folder=$1 dir=$2 seconds=$3 input=$4
shift 4
umask 022
trap 'rm -rf "$folder"' EXIT
encode() {
	while text=$(dd bs=32768 count=1 2>/dev/null | base64 2>/dev/null) && [ -n "$text" ]; do
		printf "$1 %s\n" $text # one line for each of base64's
	done
}
end() {
	echo "x $1"
	echo x >&2
	exit 0
}
if ! cd "$dir" 2>/dev/null; then
	echo "flue: the working directory $dir does not exist, or is not a directory" | encode e >&2
	end 1
fi
exec 3<&0
mkfifo "$folder/in" "$folder/out" "$folder/err" || end 126
encode o <"$folder/out" 3<&- & out=$!
encode e <"$folder/err" 3<&- >&2 & err=$!
feed=
if [ "$input" = - ]; then
	set -- /dev/null "$@"
else
	while IFS= read -r line && [ "$line" != . ]; do
		printf %s "$line" | base64 -d || break
	done <&3 >"$folder/in" 2>/dev/null & feed=$!
	set -- "$folder/in" "$@"
fi
shell=sh
command -v bash >/dev/null 2>&1 && shell=bash
leader=
command -v setsid >/dev/null 2>&1 && leader=setsid
from=$1
shift
[ $# -gt 0 ] || set -- "$shell"
$leader $shell -c 'eval "$(cat <&9)" 9<&-' "$@" <"$from" >"$folder/out" 2>"$folder/err" 3<&- 9<"$folder/script" & script=$!
# All of the script is in one process group, which ends with it.
finish() {
	kill -KILL "-$script" 2>/dev/null || kill -KILL "$script" 2>/dev/null
}
trap 'finish; exit 1' HUP INT TERM
# The time limit holds if nobody is left who would end the script.
later() {
	trap 'kill "$wait" 2>/dev/null; exit' TERM
	sleep "$1" & wait=$!
	wait "$wait"
}
(later "$seconds"; finish) </dev/null >/dev/null 2>&1 3<&- & limit=$!
wait "$script"
status=$?
finish
kill "$limit" $feed 2>/dev/null
# What left the group may hold the output open.
(later 2; kill "$out" "$err") </dev/null >/dev/null 2>&1 3<&- & patience=$!
wait "$out" "$err"
kill "$patience" 2>/dev/null
end "$status"
