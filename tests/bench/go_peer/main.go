// SPDX-License-Identifier: Apache-2.0

// A peer for the benchmark: a server as one would write it in Go with net/http
// and SQLite. It takes an array of used insights in one POST to
// /beta/invitations/{id}/invitedUser/insights/used and answers with those that
// it stored. One goroutine writes: it commits what has gathered, durably.
//
//	go_peer ADDRESS DATABASE
package main

import (
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

const (
	maxBody   = 4 << 20
	maxCommit = 1024 // rows
	options   = "?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=10000" +
		"&_txlock=immediate"
	table = `CREATE TABLE IF NOT EXISTS used_insight (
		id TEXT PRIMARY KEY, invitation_id TEXT NOT NULL,
		last_accessed TEXT, last_modified TEXT, document TEXT NOT NULL)`
	columns = 5
)

type usageDetails struct {
	Type         string  `json:"@odata.type,omitempty"`
	LastAccessed *string `json:"lastAccessedDateTime,omitempty"`
	LastModified *string `json:"lastModifiedDateTime,omitempty"`
}

type resourceVisualization struct {
	Type                 string  `json:"@odata.type,omitempty"`
	Title                *string `json:"title,omitempty"`
	Kind                 *string `json:"type,omitempty"`
	MediaType            *string `json:"mediaType,omitempty"`
	PreviewImageURL      *string `json:"previewImageUrl,omitempty"`
	PreviewText          *string `json:"previewText,omitempty"`
	ContainerWebURL      *string `json:"containerWebUrl,omitempty"`
	ContainerDisplayName *string `json:"containerDisplayName,omitempty"`
	ContainerType        *string `json:"containerType,omitempty"`
}

type resourceReference struct {
	Type   string  `json:"@odata.type,omitempty"`
	WebURL *string `json:"webUrl,omitempty"`
	ID     *string `json:"id,omitempty"`
	Kind   *string `json:"type,omitempty"`
}

type usedInsight struct {
	Type                  string                 `json:"@odata.type,omitempty"`
	ID                    string                 `json:"id"`
	LastUsed              *usageDetails          `json:"lastUsed"`
	ResourceVisualization *resourceVisualization `json:"resourceVisualization"`
	ResourceReference     *resourceReference     `json:"resourceReference"`
}

// The values of some rows, and where the writer tells that they are stored.
type job struct {
	values []any
	done   chan error
}

var (
	route = regexp.MustCompile(
		`^/beta/invitations/([^/]+)/invitedUser/insights/used$`)
	jobs = make(chan job, 1024)
)

// A UUIDv7: time-ordered, so the rows are adjacent in the index.
func newID() string {
	var u [16]byte
	rand.Read(u[6:])
	ms := time.Now().UnixMilli()
	for i := 0; i < 6; i++ {
		u[i] = byte(ms >> (40 - 8*i))
	}
	u[6] = u[6]&0x0f | 0x70
	u[8] = u[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x",
		u[0:4], u[4:6], u[6:8], u[8:10], u[10:])
}

func isDate(text *string) bool {
	if text == nil {
		return true
	}
	_, err := time.Parse(time.RFC3339, *text)
	return err == nil
}

// The values of the rows, and the documents.
func read(body io.Reader, invitation string) ([]any, []json.RawMessage, error) {
	var insights []usedInsight
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&insights); err != nil {
		return nil, nil, err
	}
	if len(insights) == 0 {
		return nil, nil, errors.New("nothing to create")
	}
	values := make([]any, 0, columns*len(insights))
	documents := make([]json.RawMessage, 0, len(insights))
	for i := range insights {
		insight := &insights[i]
		used := insight.LastUsed
		if used == nil || insight.ResourceVisualization == nil ||
			insight.ResourceReference == nil {
			return nil, nil, errors.New("a required property is missing")
		}
		if !isDate(used.LastAccessed) || !isDate(used.LastModified) {
			return nil, nil, errors.New("not a date")
		}
		insight.ID = newID()
		document, err := json.Marshal(insight)
		if err != nil {
			return nil, nil, err
		}
		values = append(values, insight.ID, invitation, used.LastAccessed,
			used.LastModified, string(document))
		documents = append(documents, document)
	}
	return values, documents, nil
}

func create(w http.ResponseWriter, r *http.Request) {
	path := route.FindStringSubmatch(r.URL.Path)
	if path == nil || r.Method != http.MethodPost {
		http.NotFound(w, r)
		return
	}
	values, documents, err := read(
		http.MaxBytesReader(w, r.Body, maxBody), path[1])
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	j := job{values, make(chan error, 1)}
	jobs <- j
	if err := <-j.done; err != nil {
		log.Print(err)
		http.Error(w, "storage", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	json.NewEncoder(w).Encode(documents)
}

// One statement for each number of rows.
type statements map[int]*sql.Stmt

func (s statements) get(db *sql.DB, rows int) (*sql.Stmt, error) {
	if s[rows] == nil {
		row := ",(?" + strings.Repeat(",?", columns-1) + ")"
		statement, err := db.Prepare("INSERT INTO used_insight VALUES" +
			strings.Repeat(row, rows)[1:])
		if err != nil {
			return nil, err
		}
		s[rows] = statement
	}
	return s[rows], nil
}

func commit(db *sql.DB, known statements, gathered []job) error {
	prepared := make([]*sql.Stmt, len(gathered))
	for i, j := range gathered {
		var err error
		prepared[i], err = known.get(db, len(j.values)/columns)
		if err != nil {
			return err
		}
	}
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	for i, j := range gathered {
		if _, err := tx.Stmt(prepared[i]).Exec(j.values...); err != nil {
			tx.Rollback()
			return err
		}
	}
	return tx.Commit()
}

func write(db *sql.DB) {
	known := statements{}
	for first := range jobs {
		gathered := []job{first}
		values := len(first.values)
	more:
		for values < maxCommit*columns {
			select {
			case next := <-jobs:
				gathered = append(gathered, next)
				values += len(next.values)
			default:
				break more
			}
		}
		err := commit(db, known, gathered)
		for _, j := range gathered {
			j.done <- err
		}
	}
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: go_peer ADDRESS DATABASE")
	}
	db, err := sql.Open("sqlite3", "file:"+os.Args[2]+options)
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(table); err != nil {
		log.Fatal(err)
	}
	go write(db)
	http.HandleFunc("/beta/", create)
	log.Fatal(http.ListenAndServe(os.Args[1], nil))
}
