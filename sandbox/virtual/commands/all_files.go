package commands

import (
	"github.com/flue-run/flue/sandbox/virtual/commands/find"
	"github.com/flue-run/flue/sandbox/virtual/shell"
)

// files is the commands for files, data and what the world looks like.
func files() map[string]shell.Command {
	return map[string]shell.Command{
		"basename": basename,
		"cat":      cat,
		"chmod":    chmod,
		"cp":       cp,
		"date":     date,
		"dirname":  dirname,
		"env":      env,
		"find":     find.Run,
		"groups":   groups,
		"hostname": hostname,
		"id":       id,
		"jq":       jqCommand,
		"link":     link,
		"ln":       ln,
		"ls":       ls,
		"mkdir":    mkdir,
		"mv":       mv,
		"printenv": printenv,
		"readlink": readlink,
		"realpath": realpath,
		"rm":       rm,
		"rmdir":    rmdir,
		"seq":      seq,
		"sleep":    sleep,
		"timeout":  timeout,
		"touch":    touch,
		"uname":    uname,
		"unlink":   unlink,
		"which":    which,
		"xargs":    xargs,
	}
}
