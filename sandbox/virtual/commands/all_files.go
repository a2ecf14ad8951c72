package commands

import "github.com/flue-run/flue/sandbox/virtual/shell"

// files is the commands for files, data and what the world looks like.
func files() map[string]shell.Command {
	return map[string]shell.Command{
		"basename": basename,
		"cat":      cat,
		"chmod":    chmod,
		"cp":       cp,
		"dirname":  dirname,
		"env":      env,
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
		"touch":    touch,
		"uname":    uname,
		"unlink":   unlink,
		"which":    which,
	}
}
