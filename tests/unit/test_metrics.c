/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/metrics: counting, and the text of the page. */
#include "../../src/metrics/exposition.h"
#include "../../src/metrics/metrics.h"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "support/tap.h"

#define CHILDREN 2

static apr_pool_t *pool;

static iu_metrics *make(void)
{
    return iu_metrics_make(apr_pcalloc(pool, iu_metrics_size(CHILDREN)),
                           CHILDREN, 3);
}

static void test_layout(void)
{
    apr_size_t size = iu_metrics_size(CHILDREN);
    void *memory = apr_pcalloc(pool, size);
    iu_metrics *made = iu_metrics_make(memory, CHILDREN, 3);
    apr_uint64_t *layout = (apr_uint64_t *)made;

    ok(iu_metrics_at(memory) == made, "found again");
    is_number((long)((apr_uintptr_t)made % 64), 0, "aligned");
    is_number(iu_metrics_number(made), 3, "its number");
    ok(iu_metrics_fits(made, size, CHILDREN), "it fits");
    ok(!iu_metrics_fits(made, size, CHILDREN + 1), "not for more children");
    ok(!iu_metrics_fits(made, size - 1, CHILDREN), "not in less memory");
    *layout += 1;
    ok(!iu_metrics_fits(made, size, CHILDREN), "not with another layout");
    is_number(iu_metrics_number(made), 3, "which still has its number");
}

static void test_children(void)
{
    iu_metrics *metrics = make();
    iu_metrics_slot *slots[2 * CHILDREN + 2];
    int i;

    for (i = 0; i < 2 * CHILDREN + 2; i++) {
        slots[i] = iu_metrics_join(metrics, 100 + i);
        iu_metrics_count(slots[i], IU_METRIC_OUTAGES, 0);
        iu_metrics_add(slots[i], IU_METRIC_WRITES_WAITING, 5);
    }
    ok(slots[0] != slots[1], "each child has a slot");
    ok(slots[4] == slots[5], "until they are used up");
    is_number(iu_metrics_sum(metrics, IU_METRIC_CHILDREN, 0), 4,
              "children with a slot of their own");
    is_number(iu_metrics_sum(metrics, IU_METRIC_WRITES_WAITING, 0), 20,
              "their gauges");
    is_number(iu_metrics_sum(metrics, IU_METRIC_OUTAGES, 0), 6,
              "the counters of all");
    iu_metrics_set(slots[1], IU_METRIC_BREAKER_SINCE, 7);
    iu_metrics_leave(metrics, 101);
    iu_metrics_leave(metrics, 105);
    iu_metrics_leave(metrics, 999);
    is_number(iu_metrics_sum(metrics, IU_METRIC_CHILDREN, 0), 3,
              "a child has ended");
    is_number(iu_metrics_sum(metrics, IU_METRIC_WRITES_WAITING, 0), 15,
              "with its gauges");
    is_number(iu_metrics_sum(metrics, IU_METRIC_BREAKER_SINCE, 0), 0,
              "and its moment");
    is_number(iu_metrics_sum(metrics, IU_METRIC_OUTAGES, 0), 6,
              "its counters stay");
    ok(iu_metrics_join(metrics, 200) == slots[1], "the next child takes over");
    iu_metrics_count(slots[1], IU_METRIC_OUTAGES, 0);
    is_number(iu_metrics_sum(metrics, IU_METRIC_OUTAGES, 0), 7,
              "and counts on");
}

/* The pages of memory that are in use. */
static int count_pages(void *memory, apr_size_t size)
{
    apr_size_t count = (size + getpagesize() - 1) / getpagesize();
    unsigned char *in_use = apr_palloc(pool, count);
    int pages = 0;
    apr_size_t i;

    if (mincore(memory, size, in_use) != 0) {
        return -1;
    }
    for (i = 0; i < count; i++) {
        pages += in_use[i] & 1;
    }
    return pages;
}

/* Slots that no child has had take no memory, although they are summed: also a
 * read makes a page of shared memory. */
static void test_memory(void)
{
    apr_size_t size = iu_metrics_size(1000);
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    iu_metrics *metrics = iu_metrics_make(memory, 1000, 0);
    apr_int64_t sum = 0;
    int pages;
    int metric;

    iu_metrics_count(iu_metrics_join(metrics, 100), IU_METRIC_OUTAGES, 0);
    iu_metrics_count(iu_metrics_join(metrics, 101), IU_METRIC_OUTAGES, 0);
    for (metric = 0; metric < IU_METRICS; metric++) {
        sum += iu_metrics_sum(metrics, metric, 0);
    }
    iu_metrics_leave(metrics, 999);
    is_number((long)sum, 4, "two children and what they counted");
    pages = count_pages(memory, size);
    ok(pages > 0 && pages < 20, "in %d pages", pages);
    munmap(memory, size);
}

static void test_moment(void)
{
    iu_metrics *metrics = make();
    iu_metrics_slot *one = iu_metrics_join(metrics, 1);
    iu_metrics_slot *two = iu_metrics_join(metrics, 2);

    iu_metrics_set(two, IU_METRIC_BREAKER_SINCE, 50);
    is_number(iu_metrics_sum(metrics, IU_METRIC_BREAKER_SINCE, 0), 50,
              "the only moment");
    iu_metrics_set(one, IU_METRIC_BREAKER_SINCE, 70);
    is_number(iu_metrics_sum(metrics, IU_METRIC_BREAKER_SINCE, 0), 50,
              "the earliest");
    iu_metrics_set(two, IU_METRIC_BREAKER_SINCE, 0);
    is_number(iu_metrics_sum(metrics, IU_METRIC_BREAKER_SINCE, 0), 70,
              "that has not ended");
}

static void test_histogram(void)
{
    const iu_metric_bound *bounds = iu_metric_bounds(IU_METRIC_COMMIT_TIME);
    iu_metrics *metrics = make();
    iu_metrics_slot *slot = iu_metrics_join(metrics, 1);
    apr_int64_t sum = 0;
    int i;

    for (i = 0; i < IU_METRIC_TIMES - 1; i++) {
        iu_metrics_observe(slot, IU_METRIC_COMMIT_TIME, bounds[i].most);
        iu_metrics_observe(slot, IU_METRIC_COMMIT_TIME, bounds[i].most + 1);
        sum += 2 * bounds[i].most + 1;
        ok(i == 0 || bounds[i].most > bounds[i - 1].most, "bound %d grows", i);
    }
    is_number(iu_metrics_sum(metrics, IU_METRIC_COMMIT_TIME, 0), 1,
              "a bound belongs to its bucket");
    for (i = 1; i < IU_METRIC_TIMES - 1; i++) {
        is_number(iu_metrics_sum(metrics, IU_METRIC_COMMIT_TIME, i), 2,
                  "more than the bound to the next, %d", i);
    }
    is_number(iu_metrics_sum(metrics, IU_METRIC_COMMIT_TIME, i), 1,
              "all others to the last");
    is_number(iu_metrics_sum(metrics, IU_METRIC_COMMIT_TIME, i + 1), sum,
              "the sum");
    iu_metrics_observe(slot, IU_METRIC_COMMIT_TIME, 0);
    is_number(iu_metrics_sum(metrics, IU_METRIC_COMMIT_TIME, 0), 2, "nothing");
}

static void test_nobody(void)
{
    iu_metrics_count(NULL, IU_METRIC_OUTAGES, 0);
    iu_metrics_count_request(NULL, IU_METRIC_GET, IU_METRIC_ITEM, 200);
    iu_metrics_add(NULL, IU_METRIC_READERS_BUSY, 1);
    iu_metrics_set(NULL, IU_METRIC_BREAKER_SINCE, 1);
    iu_metrics_observe(NULL, IU_METRIC_COMMIT_TIME, 1);
    ok(1, "without metrics nothing is counted");
}

/* Two children in one slot. */
static void *count(void *slot)
{
    int i;

    for (i = 0; i < 100000; i++) {
        iu_metrics_count(slot, IU_METRIC_CHANGES, IU_METRIC_UPDATE);
        iu_metrics_add(slot, IU_METRIC_READERS_BUSY, 1);
        iu_metrics_observe(slot, IU_METRIC_COMMIT_RECORDS, 3);
        iu_metrics_add(slot, IU_METRIC_READERS_BUSY, -1);
    }
    return NULL;
}

static void test_threads(void)
{
    iu_metrics *metrics = make();
    iu_metrics_slot *slot = iu_metrics_join(metrics, 1);
    pthread_t threads[4];
    int i;

    for (i = 0; i < 4; i++) {
        pthread_create(&threads[i], NULL, count, slot);
    }
    for (i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    is_number(iu_metrics_sum(metrics, IU_METRIC_CHANGES, IU_METRIC_UPDATE),
              400000, "no count of a thread is lost");
    is_number(iu_metrics_sum(metrics, IU_METRIC_COMMIT_RECORDS, 2), 400000,
              "no value");
    is_number(iu_metrics_sum(metrics, IU_METRIC_READERS_BUSY, 0), 0,
              "a gauge comes back");
}

/*** The page ***/

static const char *page_of(iu_exposition_format format,
                           const iu_exposed *databases, int databases_count)
{
    iu_buffer out;

    iu_buffer_init(&out, pool, 1000);
    iu_exposition_write(&out, format, "1.2.3", databases, databases_count);
    return out.data;
}

static void has(const char *page, const char *lines)
{
    const char *found = strstr(page, lines);

    ok(found && (found == page || found[-1] == '\n'), "the page has %s", lines);
}

static void fill(iu_metrics_slot *slot)
{
    iu_metrics_count_request(slot, IU_METRIC_POST, IU_METRIC_COLLECTION, 201);
    iu_metrics_count_request(slot, IU_METRIC_POST, IU_METRIC_COLLECTION, 201);
    iu_metrics_count_request(slot, IU_METRIC_OTHER_METHOD,
                             IU_METRIC_OTHER_RESOURCE, 999);
    iu_metrics_count_request(slot, IU_METRIC_GET, IU_METRIC_SERVICE_DOCUMENT,
                             507);
    iu_metrics_count(slot, IU_METRIC_PROBLEMS, IU_DATABASE_FULL);
    iu_metrics_observe(slot, IU_METRIC_COMMIT_TIME, 2600);
    iu_metrics_observe(slot, IU_METRIC_COMMIT_TIME, 60000007);
    iu_metrics_observe(slot, IU_METRIC_COMMIT_RECORDS, 256);
}

static void has_counters(const char *page)
{
    has(page, "# TYPE insights_used_build_info gauge\n"
              "insights_used_build_info{version=\"1.2.3\"} 1\n");
    has(page,
        "# HELP insights_used_requests_total Requests below a service root "
        "that were answered; those in a batch count, too.\n"
        "# TYPE insights_used_requests_total counter\n"
        "insights_used_requests_total{database=\"sqlite3-3\",method=\"GET\","
        "resource=\"service_document\",status=\"507\"} 1\n"
        "insights_used_requests_total{database=\"sqlite3-3\",method=\"POST\","
        "resource=\"collection\",status=\"201\"} 2\n"
        "insights_used_requests_total{database=\"sqlite3-3\",method=\"other\","
        "resource=\"other\",status=\"other\"} 1\n"
        "# HELP");
    has(page, "insights_used_problems_total{database=\"sqlite3-3\",number="
              "\"IU0062\"} 1\n");
    has(page, "insights_used_problems_total{database=\"pgsql-3\",number="
              "\"IU0062\"} 0\n");
}

static void has_histograms(const char *page)
{
    has(page,
        "# TYPE insights_used_commit_duration_seconds histogram\n"
        "insights_used_commit_duration_seconds_bucket{database=\"sqlite3-3\","
        "le=\"0.00025\"} 0\n");
    has(page,
        "insights_used_commit_duration_seconds_bucket{database=\"sqlite3-3\","
        "le=\"0.0025\"} 0\n"
        "insights_used_commit_duration_seconds_bucket{database=\"sqlite3-3\","
        "le=\"0.005\"} 1\n");
    has(page,
        "insights_used_commit_duration_seconds_bucket{database=\"sqlite3-3\","
        "le=\"5.0\"} 1\n"
        "insights_used_commit_duration_seconds_bucket{database=\"sqlite3-3\","
        "le=\"+Inf\"} 2\n"
        "insights_used_commit_duration_seconds_count{database=\"sqlite3-3\"} "
        "2\n"
        "insights_used_commit_duration_seconds_sum{database=\"sqlite3-3\"} "
        "60.002607\n");
    has(page, "insights_used_commit_records_bucket{database=\"sqlite3-3\","
              "le=\"128.0\"} 0\n"
              "insights_used_commit_records_bucket{database=\"sqlite3-3\","
              "le=\"256.0\"} 1\n");
    has(page, "insights_used_commit_records_sum{database=\"sqlite3-3\"} 256\n");
}

static void test_page(void)
{
    iu_metrics *metrics = make();
    iu_metrics_slot *slot = iu_metrics_join(metrics, 1);
    const iu_exposed databases[] = {{metrics, "sqlite3", 4096, -1},
                                    {make(), "pgsql", -1, -1}};
    const char *page;

    fill(slot);
    page = page_of(IU_EXPOSITION_TEXT, databases, 2);
    has_counters(page);
    has_histograms(page);
    has(page, "# TYPE insights_used_breaker_open_since_timestamp_seconds "
              "gauge\n# HELP");
    has(page, "insights_used_sqlite_file_bytes{database=\"sqlite3-3\"} 4096\n"
              "# HELP");
    ok(!strstr(page, "# EOF"), "no end");
    iu_metrics_set(slot, IU_METRIC_BREAKER_SINCE, 1700000000000123);
    has(page_of(IU_EXPOSITION_TEXT, databases, 2),
        "insights_used_breaker_open_since_timestamp_seconds{database="
        "\"sqlite3-3\"} 1700000000.000123\n# HELP");

    page = page_of(IU_EXPOSITION_OPENMETRICS, databases, 2);
    has(page, "# TYPE insights_used_outages counter\n"
              "insights_used_outages_total{database=\"sqlite3-3\"} 0\n");
    ok(!strcmp(page + strlen(page) - 6, "# EOF\n"), "ends with EOF");
    has(page_of(IU_EXPOSITION_OPENMETRICS, NULL, 0),
        "# TYPE insights_used_build_info gauge\n");
}

/* exposition.c escapes nothing. */
static void test_texts(void)
{
    int metric;
    int i;

    for (metric = 0; metric < IU_METRICS; metric++) {
        const iu_metric_properties *properties = &iu_metric_list[metric];
        const iu_metric_label *label = properties->labels;
        int cells = 1;

        ok(!strpbrk(properties->help, "\\\n\""), "%s: help", properties->name);
        ok(strspn(properties->name, "abcdefghijklmnopqrstuvwxyz_") ==
               strlen(properties->name),
           "%s: name", properties->name);
        for (; label->name; label++) {
            cells *= label->count;
            for (i = 0; i < label->count; i++) {
                ok(!strpbrk(label->values[i], "\\\n\""), "%s: %s %s",
                   properties->name, label->name, label->values[i]);
            }
        }
        ok(properties->class == IU_HISTOGRAM ||
               properties->class == IU_HISTOGRAM_OF_TIME ||
               cells == properties->cells,
           "%s: a cell for each combination", properties->name);
    }
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_layout();
    test_children();
    test_memory();
    test_moment();
    test_histogram();
    test_nobody();
    test_threads();
    test_page();
    test_texts();
    apr_terminate();
    return done();
}
