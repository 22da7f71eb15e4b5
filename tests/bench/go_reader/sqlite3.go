// SPDX-License-Identifier: Apache-2.0

//go:build sqlite3

package main

import (
	"database/sql"

	_ "github.com/mattn/go-sqlite3"
)

const first, second = "?", "?"

func open(file string) (*sql.DB, error) {
	return sql.Open("sqlite3", "file:"+file+"?mode=rw&_busy_timeout=10000")
}
