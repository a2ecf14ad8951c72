package sqlite

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/flue-run/flue/store"
)

//go:embed schema.sql
var schema string

// migrations bring a file from version i to i+1; the file says in PRAGMA user_version how many it has had.
var migrations = []string{schema}

const applicationID = 0x666c7565 // "flue"

// busyTimeout bounds how long a statement waits for another process's transaction.
const busyTimeout = 10 * time.Second

// upgrade makes the file one that has had all migrations, or says why it cannot.
func upgrade(ctx context.Context, conn *sql.Conn, migrations []string) error {
	var version, application, tables int
	err := conn.QueryRowContext(ctx, "select user_version, application_id, (select count(*) from sqlite_schema) "+
		"from pragma_user_version, pragma_application_id").Scan(&version, &application, &tables)
	if err != nil {
		return err
	}
	switch {
	case application == 0 && tables == 0: // a new file, which remembers these settings
		if _, err := conn.ExecContext(ctx, "pragma auto_vacuum = incremental; pragma journal_mode = wal"); err != nil {
			return err
		}
	case application != applicationID:
		return errors.New("this database is not a store of flue")
	}
	if version > len(migrations) {
		return fmt.Errorf("%w: its tables have version %d, this flue knows up to %d", store.ErrNewer, version, len(migrations))
	}
	if version < len(migrations) {
		if err := migrate(ctx, conn, migrations); err != nil {
			return err
		}
	}
	var format int
	if err := conn.QueryRowContext(ctx, "select format from meta").Scan(&format); err != nil {
		return err
	}
	if format > store.FormatVersion {
		return fmt.Errorf("%w: its log has format %d, this flue knows up to %d", store.ErrNewer, format, store.FormatVersion)
	}
	return nil
}

// migrate runs what the file lacks, in one transaction.
func migrate(ctx context.Context, conn *sql.Conn, migrations []string) error {
	if _, err := conn.ExecContext(ctx, "begin immediate"); err != nil {
		return err
	}
	err := migrateLocked(ctx, conn, migrations)
	end := "commit"
	if err != nil {
		end = "rollback"
	}
	_, endErr := conn.ExecContext(context.WithoutCancel(ctx), end)
	return errors.Join(err, endErr)
}

func migrateLocked(ctx context.Context, conn *sql.Conn, migrations []string) error {
	var version int // again: another process may have been faster
	if err := conn.QueryRowContext(ctx, "pragma user_version").Scan(&version); err != nil {
		return err
	}
	for ; version < len(migrations); version++ {
		if _, err := conn.ExecContext(ctx, migrations[version]); err != nil {
			return fmt.Errorf("bring the store to version %d: %w", version+1, err)
		}
	}
	_, err := conn.ExecContext(ctx, fmt.Sprintf("pragma user_version = %d", version))
	return err
}
