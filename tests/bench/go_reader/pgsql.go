// SPDX-License-Identifier: Apache-2.0

//go:build pgsql

package main

import (
	"database/sql"

	_ "github.com/lib/pq"
)

const first, second = "$1", "$2"

func open(parameters string) (*sql.DB, error) {
	return sql.Open("postgres", parameters+" sslmode=disable")
}
