// SPDX-License-Identifier: Apache-2.0

// A peer for the benchmark of reads: a server as one would write it in Go with
// net/http and database/sql. It reads the module's table with one prepared
// statement a request and sends the stored texts as they are: of one used
// insight, or of an invitation's first hundred in the module's order. It looks
// at no user, header field or query, and adds only an ETag.
//
//	go_reader ADDRESS PARAMETERS
//
// The build tag names the database; PARAMETERS are those of apr_dbd.
package main

import (
	"bytes"
	"database/sql"
	"errors"
	"io"
	"log"
	"net/http"
	"os"
	"regexp"
)

const (
	connections = 8
	selectOne   = "SELECT version, document FROM used_insight" +
		" WHERE invitation_id = " + first + " AND id = " + second
	selectPage = "SELECT document FROM used_insight WHERE invitation_id = " +
		first + " ORDER BY last_accessed DESC, id LIMIT 100"
)

var route = regexp.MustCompile(
	`^/beta/invitations/([^/]+)/invitedUser/insights/used(?:/([^/]+))?$`)

type reader struct {
	one, page *sql.Stmt
}

func (s reader) sendOne(w http.ResponseWriter, invitation, id string) error {
	var version, document string
	err := s.one.QueryRow(invitation, id).Scan(&version, &document)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", `W/"`+version+`"`)
	_, err = io.WriteString(w, document)
	return err
}

func (s reader) sendPage(w http.ResponseWriter, invitation string) error {
	rows, err := s.page.Query(invitation)
	if err != nil {
		return err
	}
	defer rows.Close()
	var answer bytes.Buffer
	var document sql.RawBytes
	answer.WriteString(`{"value":[`)
	for separator := ""; rows.Next(); separator = "," {
		if err := rows.Scan(&document); err != nil {
			return err
		}
		answer.WriteString(separator)
		answer.Write(document)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	answer.WriteString("]}")
	_, err = answer.WriteTo(w)
	return err
}

func (s reader) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := route.FindStringSubmatch(r.URL.Path)
	if path == nil || r.Method != http.MethodGet {
		http.NotFound(w, r)
		return
	}
	var err error
	w.Header().Set("Content-Type", "application/json")
	if path[2] != "" {
		err = s.sendOne(w, path[1], path[2])
	} else {
		err = s.sendPage(w, path[1])
	}
	if errors.Is(err, sql.ErrNoRows) {
		http.NotFound(w, r)
	} else if err != nil {
		log.Print(err)
		http.Error(w, "storage", http.StatusServiceUnavailable)
	}
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: go_reader ADDRESS PARAMETERS")
	}
	db, err := open(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	one, err := db.Prepare(selectOne)
	if err != nil {
		log.Fatal(err)
	}
	page, err := db.Prepare(selectPage)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe(os.Args[1], reader{one, page}))
}
