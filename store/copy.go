package store

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/stdlib"
)

// jsonb is a text for a JSONB column.
type jsonb string

// copyRows streams rows in PostgreSQL's binary COPY format (documentation of COPY, "Binary Format"). The driver's own
// CopyFrom asks for the columns' types and looks up an encoder for every value, which costs more than the rows do; ours
// are integers, texts, booleans, JSON and NULL.
func copyRows(ctx context.Context, c *sql.Conn, table string, columns []string, rows [][]any) error {
	data, err := copyData(rows)
	if err != nil {
		return fmt.Errorf("copy into %s: %w", table, err)
	}
	return copyEncoded(ctx, c, table, columns, data)
}

func copyEncoded(ctx context.Context, c *sql.Conn, table string, columns []string, data []byte) error {
	query := "COPY " + table + " (" + strings.Join(columns, ", ") + ") FROM STDIN (FORMAT binary)"
	return raw(c, func(dc any) error {
		_, err := dc.(*stdlib.Conn).Conn().PgConn().CopyFrom(ctx, bytes.NewReader(data), query)
		return err
	})
}

// copyHead is the signature, no flags and no extension; copyTail the end.
var (
	copyHead = []byte("PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	copyTail = []byte{0xff, 0xff}
)

func copyData(rows [][]any) ([]byte, error) {
	out := make([]byte, 0, len(rows)*128+64)
	out = append(out, copyHead...)
	for _, row := range rows {
		out = binary.BigEndian.AppendUint16(out, uint16(len(row)))
		for _, v := range row {
			var err error
			if out, err = appendValue(out, v); err != nil {
				return nil, err
			}
		}
	}
	return append(out, copyTail...), nil
}

func appendValue(out []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return binary.BigEndian.AppendUint32(out, 1<<32-1), nil
	case int64:
		out = binary.BigEndian.AppendUint32(out, 8)
		return binary.BigEndian.AppendUint64(out, uint64(v)), nil
	case int:
		out = binary.BigEndian.AppendUint32(out, 8)
		return binary.BigEndian.AppendUint64(out, uint64(v)), nil
	case string:
		out = binary.BigEndian.AppendUint32(out, uint32(len(v)))
		return append(out, v...), nil
	case jsonb:
		out = binary.BigEndian.AppendUint32(out, uint32(len(v)+1))
		return append(append(out, 1), v...), nil // version 1
	case bool:
		b := byte(0)
		if v {
			b = 1
		}
		return append(binary.BigEndian.AppendUint32(out, 1), b), nil
	default:
		return nil, fmt.Errorf("no binary form for %T", v)
	}
}

// raw is sql.Conn.Raw for a connection that a cancelled transaction's rollback may be closing at this very moment: what
// database/sql then does is to dereference nil, where it should say that the connection is bad.
func raw(c *sql.Conn, f func(any) error) (err error) {
	entered := false
	defer func() {
		if entered {
			return
		}
		if p := recover(); p != nil {
			err = driver.ErrBadConn
		}
	}()
	return c.Raw(func(dc any) error {
		entered = true
		return f(dc)
	})
}
