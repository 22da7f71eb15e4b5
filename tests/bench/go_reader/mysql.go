// SPDX-License-Identifier: Apache-2.0

//go:build mysql

package main

import (
	"database/sql"
	"strings"

	"github.com/go-sql-driver/mysql"
)

const first, second = "?", "?"

// The parameters of tests/databases: sock, user, pass and dbname.
func open(parameters string) (*sql.DB, error) {
	config := mysql.NewConfig()
	config.Net = "unix"
	for _, parameter := range strings.Split(parameters, ",") {
		name, value, _ := strings.Cut(parameter, "=")
		switch name {
		case "sock":
			config.Addr = value
		case "user":
			config.User = value
		case "pass":
			config.Passwd = value
		case "dbname":
			config.DBName = value
		}
	}
	return sql.Open("mysql", config.FormatDSN())
}
