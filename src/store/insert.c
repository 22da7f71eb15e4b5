/* SPDX-License-Identifier: Apache-2.0 */
#include "insert.h"

#include <string.h>

#include <apr_strings.h>

#include "../text/buffer.h"

/* Row counts of the prepared inserts. A group is padded to the next one by
 * repeating its smallest record, which then conflicts with itself: few
 * statements are prepared, and each is reused. */
static const int sizes[IU_WRITER_SIZES] = {1,  2,  3,   4,   6,   8,  12,
                                           16, 20, 24,  32,  40,  48, 64,
                                           80, 96, 128, 160, 200, 256};

/* invitation_id, id, version, last_accessed, last_modified, document, digest */
#define COLUMNS 7

static const char *make_insert(const iu_database *database, int rows)
{
    const char *first = database->dialect->insert_first;
    const char *row = database->dialect->insert_row;
    iu_buffer sql;
    int i;

    iu_buffer_init(&sql, database->pool, rows * (strlen(row) + 1) + 1024);
    iu_buffer_puts(&sql, iu_sql_insert_head);
    for (i = 0; i < rows; i++) {
        iu_buffer_puts(&sql, i == 0 ? "" : ",");
        iu_buffer_puts(&sql, i == 0 && first ? first : row);
    }
    iu_buffer_puts(&sql, database->dialect->insert_tail);
    return sql.data;
}

/* The statement that inserts a range, and the number of its rows. */
static const char *insert_sql(const iu_entry_range *range, int *rows)
{
    iu_writer *writer = range->writer;
    int size = 0;

    while (sizes[size] < range->count) {
        size++;
    }
    *rows = sizes[size];
    if (!writer->inserts[size]) {
        writer->inserts[size] = make_insert(writer->session.database, *rows);
    }
    return writer->inserts[size];
}

static const iu_record *smallest_record(const iu_entry_range *range)
{
    const iu_record *found = &range->entries[0]->record;
    int i;

    for (i = 1; i < range->count; i++) {
        const iu_record *record = &range->entries[i]->record;

        if (record->document_length < found->document_length) {
            found = record;
        }
    }
    return found;
}

static const char *const *insert_arguments(const iu_entry_range *range,
                                           int rows)
{
    const iu_record *padding = smallest_record(range);
    const char **arguments =
        apr_palloc(range->group->pool, rows * COLUMNS * sizeof *arguments);
    const char **at = arguments;
    int i;

    for (i = 0; i < rows; i++) {
        const iu_record *record =
            i < range->count ? &range->entries[i]->record : padding;

        *at++ = record->set_id;
        *at++ = record->id;
        *at++ = record->version;
        *at++ = record->last_accessed;
        *at++ = record->last_modified;
        *at++ = record->document;
        *at++ = record->digest;
    }
    return arguments;
}

/* Marks the entries whose versions the statement returned, usually but not
 * always in the order of the entries. */
static void mark_versions(const iu_entry_range *range,
                          const apr_array_header_t *rows, char *stored)
{
    int cursor = 0;
    int row;
    int i;

    for (row = 0; row < rows->nelts; row++) {
        const char *version = APR_ARRAY_IDX(rows, row, const char *const *)[0];

        for (i = 0; i < range->count; i++) {
            int at = (cursor + i) % range->count;

            if (strcmp(range->entries[at]->record.version, version) == 0) {
                stored[at] = 1;
                cursor = at + 1;
                break;
            }
        }
    }
}

/* Returns the row with the number of records that the last insert stored; NULL:
 * unknown. */
static apr_array_header_t *count_inserted(const iu_entry_range *range)
{
    const char *sql = range->writer->session.database->dialect->changes_query;
    iu_retry_state retry = {0, 0, 0};
    apr_array_header_t *rows;
    iu_failure *failure =
        iu_range_execute(range, sql, NULL, 0, 0, &retry, &rows);

    return failure || retry.retried ? NULL : rows;
}

iu_failure *iu_insert_run(iu_entry_range *range, iu_inserted *inserted)
{
    const iu_dialect *dialect = range->writer->session.database->dialect;
    apr_array_header_t *rows;
    iu_failure *failure;
    const char *sql;
    int size;

    memset(inserted, 0, sizeof *inserted);
    sql = insert_sql(range, &size);
    failure = iu_range_execute(range, sql, insert_arguments(range, size),
                               size * COLUMNS, dialect->affected_rows,
                               &range->retry, &rows);
    if (failure) {
        return failure;
    }
    if (dialect->changes_query) {
        rows = count_inserted(range);
    }
    if (!dialect->changes_query && !dialect->affected_rows) {
        mark_versions(range, rows, inserted->stored);
    }
    else if (rows && iu_range_first_number(rows) == range->count) {
        memset(inserted->stored, 1, range->count);
    }
    else { /* some: which ones, is not known */
        inserted->is_unknown = !rows || iu_range_first_number(rows) > 0;
    }
    return NULL;
}
