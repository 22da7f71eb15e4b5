/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of src/batch/batch_request.c. */
#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/batch/batch_request.h"
#include "../../src/json/json_reader.h"
#include "support/tap.h"

static const iu_batch_limits limits = {.max_items = 20,
                                       .max_target = 100,
                                       .root = "/beta",
                                       .service_root =
                                           "https://graph.example:8443/beta"};

/* Texts are written with ' for ". */
static char *quoted(apr_pool_t *pool, const char *text)
{
    char *copy = apr_pstrdup(pool, text);
    char *c;

    for (c = copy; *c; c++) {
        if (*c == '\'') {
            *c = '"';
        }
    }
    return copy;
}

static iu_problem *read_batch(apr_pool_t *pool, const char *text,
                              iu_batch_request *batch)
{
    char *copy = quoted(pool, text);

    return iu_batch_request_read(pool, copy, strlen(copy), &limits, batch);
}

static const iu_batch_item *item_at(const iu_batch_request *batch, int index)
{
    return &APR_ARRAY_IDX(batch->items, index, iu_batch_item);
}

static int append_field(void *baton, const char *name, const char *value)
{
    iu_buffer *out = baton;

    iu_buffer_puts(out, " ");
    iu_buffer_puts(out, name);
    iu_buffer_puts(out, "=");
    iu_buffer_puts(out, value);
    return 1;
}

/* Everything about an item in one line. */
static const char *describe(apr_pool_t *pool, const iu_batch_item *item)
{
    iu_buffer out;

    iu_buffer_init(&out, pool, 200);
    iu_buffer_puts(&out,
                   apr_psprintf(pool, "%s %s/%d %s", item->id,
                                item->method_name, item->method, item->target));
    apr_table_do(append_field, &out, item->headers, NULL);
    if (item->authorization) {
        iu_buffer_puts(&out, " as ");
        iu_buffer_puts(&out, item->authorization);
    }
    if (item->has_credentials) {
        iu_buffer_puts(&out, " credentials");
    }
    if (item->body) {
        iu_buffer_puts(&out, " ");
        iu_buffer_append(&out, item->body, item->body_length);
    }
    return out.data;
}

static const struct {
    const char *item;
    const char *description;
} items[] = {
    {"{'id':'1','method':'GET','url':'/x'}", "1 GET/0 /beta/x"},
    {" { 'url' : 'x' , 'method' : 'Post' , 'id' : 'A b' } ",
     "A b POST/1 /beta/x"},
    {"{'id':'\\u00fc\\\"','method':'patch','url':'/x'}",
     "\xC3\xBC\" PATCH/2 /beta/x"},
    {"{'id':'1','method':'delete','url':'/x'}", "1 DELETE/3 /beta/x"},
    {"{'id':'1','method':'Head','url':'/x'}", "1 HEAD/4 /beta/x"},
    {"{'id':'1','method':'options','url':'/x'}", "1 OPTIONS/4 /beta/x"},
    {"{'id':'1','method':'put','url':'/x'}", "1 PUT/4 /beta/x"},
    {"{'id':'1','method':'gets','url':'/x'}", "1 GETS/4 /beta/x"},
    {"{'@a':[1],'id':'1','id@b':{},'method':'GET','url':'/x'}",
     "1 GET/0 /beta/x"},
    {"{'\\u0069d':'1','\\u006dethod':'\\u0047ET','url':'\\/\\u0078'}",
     "1 GET/0 /beta/x"},
    /* headers */
    {"{'id':'1','method':'GET','url':'/x','headers':{}}", "1 GET/0 /beta/x"},
    {"{'id':'1','method':'GET','url':'/x','headers':{'ACCEPT':' a\\tb\\t',"
     "'Host':'evil','X-Other':'','Content-Length':'5'}}",
     "1 GET/0 /beta/x ACCEPT=a\tb"},
    {"{'id':'1','method':'GET','url':'/x','headers':{'if-match':'W/\\\"1\\\"',"
     "'If-None-Match':'*','Prefer':'a','OData-Version':'4.0',"
     "'OData-MaxVersion':'4.01','Isolation':'b','OData-Isolation':'c',"
     "'client-request-id':'\\u00fc'}}",
     "1 GET/0 /beta/x if-match=W/\"1\" If-None-Match=* Prefer=a "
     "OData-Version=4.0 OData-MaxVersion=4.01 Isolation=b OData-Isolation=c "
     "client-request-id=\xC3\xBC"},
    {"{'id':'1','method':'GET','url':'/x','headers':"
     "{'Repeatability-Request-ID':'a','Repeatability-First-Sent':'b',"
     "'Idempotency-Key':''}}",
     "1 GET/0 /beta/x Repeatability-Request-ID=a Repeatability-First-Sent=b "
     "Idempotency-Key="},
    {"{'id':'1','method':'GET','url':'/x','headers':{'authorization':'x'}}",
     "1 GET/0 /beta/x as x"},
    {"{'id':'1','method':'GET','url':'/x','headers':"
     "{'Proxy-Authorization':''}}",
     "1 GET/0 /beta/x credentials"},
    {"{'id':'1','method':'GET','url':'/x','headers':{'COOKIE':'a=b'}}",
     "1 GET/0 /beta/x credentials"},
    {"{'id':'1','method':'GET','url':'/x','depends_on':[]}", "1 GET/0 /beta/x"},
    /* null is as good as absent */
    {"{'id':'1','method':'GET','url':'/x','headers':null,'dependsOn':null,"
     "'atomicityGroup':null,'body':null}",
     "1 GET/0 /beta/x"},
    /* bodies */
    {"{'id':'1','method':'POST','url':'/x','body':{'a':[1, 2]}}",
     "1 POST/1 /beta/x Content-Type=application/json {\"a\":[1, 2]}"},
    {"{'body': 'YQ==' ,'headers':{'content-type':'text/plain'},'id':'1',"
     "'method':'POST','url':'/x'}",
     "1 POST/1 /beta/x content-type=text/plain \"YQ==\""},
    {"{'id':'1','method':'POST','url':'/x','body':null}", "1 POST/1 /beta/x"},
    {"{'id':'1','method':'POST','url':'/x','headers':{'Content-Type':'a'},"
     "'body': null }",
     "1 POST/1 /beta/x Content-Type=a"},
    {"{'id':'1','method':'POST','url':'/x','b\\u006fdy':{}}",
     "1 POST/1 /beta/x Content-Type=application/json {}"},
    {"{'id':'1','method':'POST','url':'/x','body':{'body':1,'id':'2'}}",
     "1 POST/1 /beta/x Content-Type=application/json "
     "{\"body\":1,\"id\":\"2\"}"},
    /* not JSON, which is found when it is read */
    {"{'id':'1','method':'POST','url':'/x','body':{]}",
     "1 POST/1 /beta/x Content-Type=application/json {]"},
};

static void test_items(apr_pool_t *pool)
{
    size_t i;

    for (i = 0; i < sizeof items / sizeof items[0]; i++) {
        iu_batch_request batch;
        iu_problem *problem = read_batch(
            pool, apr_pstrcat(pool, "{'requests':[", items[i].item, "]}", NULL),
            &batch);

        if (!ok(!problem && batch.items->nelts == 1, "read: %s",
                items[i].item)) {
            printf("# %s\n", problem ? problem->message : "items");
            continue;
        }
        is_text(describe(pool, item_at(&batch, 0)), items[i].description,
                "item: %s", items[i].item);
        is_number(item_at(&batch, 0)->group, -1, "no group");
        is_number(item_at(&batch, 0)->wave, 0, "first wave");
        is_number(batch.wave_count, 1, "one wave");
        is_number(batch.group_count, 0, "no groups");
    }
}

/* The bodies are left in the text, each to be read in place. */
/* An item that is like the one before it, but for id and body, and items that
 * are nearly. */
static void test_alike(apr_pool_t *pool)
{
#define ITEM(members) "{" members ",'method':'post','url':'/x'}"
#define LIKE "POST/1 /beta/x Content-Type=application/json"
    static const struct {
        const char *one;
        const char *other;
        const char *described; /* what describe says of the other */
        int wave;
    } pairs[] = {
        {ITEM("'id':'1','body':{}"), ITEM("'id':'2','body':[]"),
         "2 " LIKE " []", 0},
        {ITEM("'body':{},'id':'1'"), ITEM("'body':[1],'id':'longer'"),
         "longer " LIKE " [1]", 0},
        {ITEM("'id':'1','body':{}"), ITEM("'id':'\\u0032','body':1"),
         "2 " LIKE " 1", 0},
        {ITEM("'id':'1','body':{}"), ITEM("'id':'2','body':null"),
         "2 POST/1 /beta/x", 0},
        {ITEM("'id':'1','body':null"), ITEM("'id':'2','body':{}"),
         "2 " LIKE " {}", 0},
        {ITEM("'id':'1'"), ITEM("'id':'2'"), "2 POST/1 /beta/x", 0},
        {ITEM("'id':'1','headers':{'authorization':'a','prefer':'b'}"),
         ITEM("'id':'2','headers':{'authorization':'a','prefer':'b'}"),
         "2 POST/1 /beta/x prefer=b as a", 0},
        {ITEM("'id':'1','headers':{'cookie':'a'}"),
         ITEM("'id':'2','headers':{'cookie':'a'}"),
         "2 POST/1 /beta/x credentials", 0},
        {ITEM("'id':'1','headers':{'cookie':'a'}"),
         ITEM("'id':'2','headers':{'cookia':'a'}"), "2 POST/1 /beta/x", 0},
        {ITEM("'id':'1','headers':{'prefer':'a'}"),
         ITEM("'id':'2','headers':{'prefer':'b'}"), "2 POST/1 /beta/x prefer=b",
         0},
        {ITEM("'id':'1','dependsOn':[]"), ITEM("'id':'2','dependsOn':['1']"),
         "2 POST/1 /beta/x", 1},
        {ITEM("'id':'1'"), ITEM("'id':'2','dependsOn':['1']"),
         "2 POST/1 /beta/x", 1},
        {ITEM("'id':'1','@a':1"), ITEM("'id':'2','@a':2"), "2 POST/1 /beta/x",
         0},
    };
    iu_batch_request batch;
    size_t i;

    for (i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const char *text = apr_pstrcat(pool, "{'requests':[", pairs[i].one, ",",
                                       pairs[i].other, "]}", NULL);
        iu_problem *problem = read_batch(pool, text, &batch);
        const iu_batch_item *other = problem ? NULL : item_at(&batch, 1);

        is_text(problem ? problem->message : describe(pool, other),
                pairs[i].described, "%s", text);
        is_number(other ? other->wave : -1, pairs[i].wave, "its wave");
        is_text(problem ? NULL : item_at(&batch, 0)->id, "1", "the other's id");
    }
}

/* Ids that are faulty, of an item that is like the one before it. */
static void test_alike_faults(apr_pool_t *pool)
{
    static const struct {
        const char *id;
        const char *message;
    } cases[] = {
        {"'A'", "Request Id A has to be unique in a batch."},
        {"null", "The id must be a string of 1 to 255 bytes without control "
                 "characters."},
        {"1", "The id must be a string of 1 to 255 bytes without control "
              "characters."},
        {"''", "The id must be a string of 1 to 255 bytes without control "
               "characters."},
        {"[]", "The id must be a string of 1 to 255 bytes without control "
               "characters."},
        {"x", "Line 1, column 68: a value is expected."},
        {"'b','id':'c'", "Line 1, column 72: a name is given twice in one "
                         "object."},
    };
    iu_batch_request batch;
    size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        iu_problem *problem = read_batch(
            pool,
            apr_pstrcat(
                pool, "{'requests':[" ITEM("'id':'a','body':{}") ",{'id':",
                cases[i].id, ",'body':{},'method':'post','url':'/x'}]}", NULL),
            &batch);

        is_text(problem ? strchr(problem->message, '.') + 2 : NULL,
                cases[i].message, "%s", cases[i].id);
    }
}

static void test_bodies(apr_pool_t *pool)
{
    static const char *const bodies[] = {"{\"a\":\"\\u00fc\"}", "[]", "1",
                                         "\"x\"", "{\"b\":{}}"};
    iu_buffer text;
    iu_batch_request batch;
    int i;

    iu_buffer_init(&text, pool, 1000);
    iu_buffer_puts(&text, "{\"requests\":[");
    for (i = 0; i < 5; i++) {
        iu_buffer_puts(&text, apr_psprintf(pool,
                                           "%s{\"body\":%s,\"id\":\"%d\","
                                           "\"method\":\"POST\",\"url\":\"x\"}",
                                           i ? "," : "", bodies[i], i));
    }
    iu_buffer_puts(&text, "]}");
    ok(!iu_batch_request_read(pool, text.data, text.length, &limits, &batch),
       "bodies of any type");
    for (i = 0; i < 5; i++) {
        const iu_batch_item *item = item_at(&batch, i);
        const iu_json *tree;

        ok(item->body > text.data && item->body < text.data + text.length,
           "body %d is in the text", i);
        is_text(apr_pstrmemdup(pool, item->body, item->body_length), bodies[i],
                "body %d", i);
        ok(!iu_json_read(pool, item->body, item->body_length, &tree),
           "body %d is read", i);
    }
}

static const struct {
    const char *text;
    const char *target;
    const char *message; /* after "Invalid batch payload format. " */
} faults[] = {
    /* the batch */
    {"", NULL, "Line 1, column 1: the text ends too early."},
    {" \n ", NULL, "Line 2, column 2: the text ends too early."},
    {"null", NULL, "Line 1, column 1: an object is expected."},
    {"[]", NULL, "Line 1, column 1: an object is expected."},
    {"{", NULL, "Line 1, column 2: the text ends too early."},
    {"{'requests':[]", NULL, "Line 1, column 15: the text ends too early."},
    {"{'requests':[]} x", NULL,
     "Line 1, column 17: the text goes on after its end."},
    {"{'requests':[],}", NULL,
     "Line 1, column 16: a name in double quotes is expected."},
    {"{'requests':[],\n'@a':tru}", NULL,
     "Line 2, column 6: a value is expected."},
    {"{'requests':[],'requests':[]}", NULL,
     "Line 1, column 16: a name is given twice in one object."},
    {"{'requests':[],'r\\u0065quests':[]}", NULL,
     "Line 1, column 16: a name is given twice in one object."},
    {"{'requests':[    ],'@a':1,'@a':1}", NULL,
     "Line 1, column 27: a name is given twice in one object."},
    {"{'@a':'\\x','requests':[]}", NULL,
     "Line 1, column 8: there is no such escape in JSON."},
    {"{}", "requests", "It must be an array of requests."},
    {"{'Requests':[]}", "Requests", "A batch has no such member."},
    {"{'requests':[],'a':1}", "a", "A batch has no such member."},
    {"{'requests':null}", "requests", "It must be an array of requests."},
    {"{'requests':{}}", "requests", "It must be an array of requests."},
    {"{'requests':1x}", "requests", "It must be an array of requests."},
    {"{'requests':[]}", "requests", "There are no requests."},
    {"{'requests':[}]}", "requests/0",
     "Line 1, column 14: an object is expected."},
    {"{'requests':[{'id':'1','method':'GET','url':'/x'},]}", "requests/1",
     "Line 1, column 51: an object is expected."},
    {"{'requests':[{'id':'1','method':'GET','url':'/x'}{}]}", NULL,
     "Line 1, column 50: a comma or a closing bracket is expected."},
    {"{'requests':[1]}", "requests/0",
     "Line 1, column 14: an object is expected."},
    {"{'requests':[null]}", "requests/0",
     "Line 1, column 14: an object is expected."},
    {"{'requests':[{'id':'1','method':'GET','url':'/x'},\n []]}", "requests/1",
     "Line 2, column 2: an object is expected."},
    /* the first fault in the order of the text */
    {"{'requests':[1],'a':1", "requests/0",
     "Line 1, column 14: an object is expected."},
};

/* Faults of one item, from requests[0]. */
static const struct {
    const char *item;
    const char *target; /* after "requests/0" */
    const char *message;
} item_faults[] = {
    {"{,}", "", "Line 1, column 15: a name in double quotes is expected."},
    {"{'id':}", "", "Line 1, column 20: a value is expected."},
    {"{'id':01}", "",
     "Line 1, column 20: a number must not begin with a zero."},
    {"{'id':\n'1','id':'1'}", "",
     "Line 2, column 5: a name is given twice in one object."},
    {"{'id':'1','\\u0069d':'1'}", "",
     "Line 1, column 24: a name is given twice in one object."},
    {"{'body':{},'body':{}}", "",
     "Line 1, column 25: a name is given twice in one object."},
    {"{'body':{'a':1},'i\xFF':1}", "",
     "Line 1, column 32: the text is not UTF-8."},
    {"{'body':{\n'a':1}\n,'id':.5}", "",
     "Line 3, column 7: a value is expected."},
    {"{'body':1,'@a':[[[[[[[[1]]]]]]]]}", "",
     "Line 1, column 36: nested deeper than 8."},
    {"{'a\\u0000':1}", "",
     "Line 1, column 17: U+0000 is not supported in strings."},
    /* unknown members */
    {"{'Id':'1'}", "/Id", "A request of a batch has no such member."},
    {"{'if':'1'}", "/if", "A request of a batch has no such member."},
    {"{'':1}", "/", "A request of a batch has no such member."},
    /* id */
    {"{}", "/id", "It is missing."},
    {"{'method':'GET','url':'/x'}", "/id", "It is missing."},
    {"{'id':1}", "/id",
     "The id must be a string of 1 to 255 bytes without control characters."},
    {"{'id':null}", "/id",
     "The id must be a string of 1 to 255 bytes without control characters."},
    {"{'id':''}", "/id",
     "The id must be a string of 1 to 255 bytes without control characters."},
    {"{'id':'a\\n'}", "/id",
     "The id must be a string of 1 to 255 bytes without control characters."},
    {"{'id':'a\\u0085'}", "/id",
     "The id must be a string of 1 to 255 bytes without control characters."},
    /* method */
    {"{'id':'1','url':'/x'}", "/method", "It is missing."},
    {"{'method':1}", "/method", "The method must be a token, such as GET."},
    {"{'method':null}", "/method", "The method must be a token, such as GET."},
    {"{'method':''}", "/method", "The method must be a token, such as GET."},
    {"{'method':'GE T'}", "/method",
     "The method must be a token, such as GET."},
    {"{'method':'GET\\r\\n'}", "/method",
     "The method must be a token, such as GET."},
    /* url */
    {"{'id':'1','method':'GET'}", "/url", "It is missing."},
    {"{'url':1}", "/url", "The URL must be a string."},
    {"{'url':null}", "/url", "The URL must be a string."},
    {"{'url':''}", "/url", "The URL is empty."},
    /* headers */
    {"{'headers':[]}", "/headers", "The headers must be an object."},
    {"{'headers':'a'}", "/headers", "The headers must be an object."},
    {"{'headers':{'':''}}", "/headers/",
     "This cannot be the name of a header field."},
    {"{'headers':{'a b':''}}", "/headers/a b",
     "This cannot be the name of a header field."},
    {"{'headers':{'a:':''}}",
     "/headers/a:", "This cannot be the name of a header field."},
    {"{'headers':{'\\u00fc':''}}", "/headers/\xC3\xBC",
     "This cannot be the name of a header field."},
    {"{'headers':{'@a':''}}", "/headers/@a",
     "This cannot be the name of a header field."},
    {"{'headers':{'Accept':1}}", "/headers/Accept",
     "The value of a header field must be a string without control "
     "characters."},
    {"{'headers':{'Accept':null}}", "/headers/Accept",
     "The value of a header field must be a string without control "
     "characters."},
    {"{'headers':{'Accept':['a']}}", "/headers/Accept",
     "The value of a header field must be a string without control "
     "characters."},
    {"{'headers':{'X':'a\\r\\nB: c'}}", "/headers/X",
     "The value of a header field must be a string without control "
     "characters."},
    {"{'headers':{'X':'\\u007f'}}", "/headers/X",
     "The value of a header field must be a string without control "
     "characters."},
    {"{'headers':{'X':'a\\u0000'}}", "",
     "Line 1, column 32: U+0000 is not supported in strings."},
    {"{'headers':{'x-A':'1','X-a':'1'}}", "/headers/X-a",
     "The header field is given twice."},
    {"{'headers':{'a':'1','a':'1'}}", "",
     "Line 1, column 34: a name is given twice in one object."},
    /* dependsOn */
    {"{'dependsOn':'a'}", "/dependsOn",
     "It must be an array of ids and names of groups."},
    {"{'dependsOn':['a',1]}", "/dependsOn/1",
     "It must be an id, or the name of a group."},
    {"{'dependsOn':[['a']]}", "/dependsOn/0",
     "It must be an id, or the name of a group."},
    {"{'dependsOn':[],'depends_on':[]}", "/dependsOn",
     "It is given twice, in two spellings."},
    /* atomicityGroup */
    {"{'atomicityGroup':1}", "/atomicityGroup",
     "The name of a group must be a string, and not empty."},
    {"{'atomicityGroup':''}", "/atomicityGroup",
     "The name of a group must be a string, and not empty."},
    {"{'id':'1','method':'get','url':'/x','atomicityGroup':'g'}",
     "/atomicityGroup", "A group must not have a GET."},
};

#define BEGINNING "Invalid batch payload format. "

static void is_refused(const iu_problem *problem, const char *target,
                       const char *message, const char *name)
{
    if (!ok(problem != NULL, "refused: %s", name)) {
        return;
    }
    is_text(problem->number, "IU0180", "number: %s", name);
    is_text(problem->target, target, "target: %s", name);
    ok(!strncmp(problem->message, BEGINNING, strlen(BEGINNING)),
       "message begins as in Graph: %s", name);
    is_text(problem->message + strlen(BEGINNING), message, "message: %s", name);
}

static void test_faults(apr_pool_t *pool)
{
    iu_batch_request batch;
    size_t i;

    for (i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        is_refused(read_batch(pool, faults[i].text, &batch), faults[i].target,
                   faults[i].message, faults[i].text);
    }
    for (i = 0; i < sizeof item_faults / sizeof item_faults[0]; i++) {
        const char *text =
            apr_pstrcat(pool, "{'requests':[", item_faults[i].item, "]}", NULL);

        is_refused(read_batch(pool, text, &batch),
                   apr_pstrcat(pool, "requests/0", item_faults[i].target, NULL),
                   item_faults[i].message, item_faults[i].item);
    }
}

static void test_limits(apr_pool_t *pool)
{
    iu_batch_request batch;
    iu_problem *problem;
    iu_buffer text;
    char *id = apr_palloc(pool, 257);
    int count;
    int i;

    for (count = 20; count <= 21; count++) {
        iu_buffer_init(&text, pool, 2000);
        for (i = 0; i < count; i++) {
            iu_buffer_puts(
                &text,
                apr_psprintf(pool, "%s{'id':'%d','method':'GET','url':'x'}",
                             i ? "," : "{'requests':[", i));
        }
        iu_buffer_puts(&text, "]}");
        problem = read_batch(pool, text.data, &batch);
        if (count == 20) {
            ok(!problem && batch.items->nelts == 20, "20 items");
        }
        else {
            is_refused(problem, "requests",
                       "Number of requests inside batch exceeds the limit of "
                       "20.",
                       "21 items");
        }
    }
    for (i = 255; i <= 256; i++) {
        memset(id, 'a', i);
        id[i] = '\0';
        ok(!read_batch(pool,
                       apr_pstrcat(pool, "{'requests':[{'id':'", id,
                                   "','method':'GET','url':'x'}]}", NULL),
                       &batch) == (i == 255),
           "an id of %d bytes", i);
    }
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_items(pool);
    test_bodies(pool);
    test_alike(pool);
    test_alike_faults(pool);
    test_faults(pool);
    test_limits(pool);
    apr_pool_destroy(pool);
    apr_terminate();
    return done();
}
