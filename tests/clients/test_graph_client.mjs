// SPDX-License-Identifier: Apache-2.0
// Microsoft's own client of Graph, with its default middleware.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import graph from "@microsoft/microsoft-graph-client";
import {
    example, newSet, takeDatabase, url, watchAnswers,
} from "./server.mjs";
import { GUID, clientWith } from "./graph_client.mjs";

const {
    GraphError, PageIterator, ResponseType, RetryHandlerOptions,
} = graph;

const client = clientWith({});

/** Checks the GraphError of a failing call, and returns its body. */
async function refused(call, statusCode, code) {
    const error = await call.then(
        () => assert.fail("it was not refused"), (reason) => reason);
    assert.ok(error instanceof GraphError, String(error));
    assert.equal(error.statusCode, statusCode);
    assert.equal(error.code, code);
    assert.match(error.requestId, GUID);
    assert.equal(error.requestId, error.headers.get("request-id"));
    assert.ok(Math.abs(error.date - Date.now()) < 60_000, "the date");
    const body = JSON.parse(error.body);
    assert.equal(body.message, error.message);
    return body;
}

test("create and read", async () => {
    const set = newSet();
    const created = await client.api(set).post(example);
    assert.match(created.id, GUID);
    const { "@odata.context": context, "@odata.etag": etag, id, ...rest } =
        created;
    assert.equal(context, `${url}/beta/$metadata#invitations('${
        set.split("/")[1]}')/invitedUser/insights/used/$entity`);
    assert.match(etag, /^W\/".+"$/);
    assert.deepEqual(rest, example);
    assert.deepEqual(await client.api(`${set}/${id}`).get(), created);

    const answer = await client.api(set)
        .responseType(ResponseType.RAW).post(example);
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get("location"),
        `${url}/beta/${set}/${(await answer.json()).id}`);
});

test("a key that must be encoded", async () => {
    const key = "a/b c%?#'ä";
    const set = newSet();
    const created = await client.api(set).post({ ...example, id: key });
    assert.equal(created.id, key);
    assert.deepEqual(
        await client.api(`${set}/${encodeURIComponent(key)}`).get(), created);
});

test("the caller's own, by /me", async () => {
    const user = randomUUID();
    const me = clientWith({ oid: user });
    const created = await me.api("/me/insights/used").post(example);
    assert.equal(created["@odata.context"],
        `${url}/beta/$metadata#me/insights/used/$entity`);
    const member = `/me/insights/used/${created.id}`;
    assert.deepEqual(await me.api(member).get(), created);
    await me.api("/me/insights/used").post({ ...example, id: "second" });
    const page = await me.api("/me/insights/used").top(1).get();
    const seen = [];
    await new PageIterator(me, page, ({ id }) => seen.push(id)).iterate();
    assert.deepEqual(seen.sort(), [created.id, "second"].sort());

    const users = `/users/${user}/insights/used`;
    assert.equal((await client.api(`${users}/second`).get()).id, "second");
    await client.api(`${users}/second`).delete();
    await refused(me.api("/me/insights/used/second").get(), 404,
        "Request_ResourceNotFound");
    assert.deepEqual(
        (await client.api("/me/insights/used").get()).value, [],
        "another user's");
});

test("a token that names no user has no /me", async () => {
    const { message, innerError } = await refused(
        clientWith({ sub: "[x" }).api("/me/insights/used").get(),
        400, "BadRequest");
    assert.equal(message,
        "/me request is only valid with delegated authentication flow.");
    assert.equal(innerError.code, "IU0007");
});

test("a list through its PageIterator", async () => {
    const set = newSet();
    const ids = ["1", "2", "3", "4", "5"];
    for (const id of ids) {
        await client.api(set).post({ ...example, id });
    }
    const page = await client.api(set).top(2).orderby("id").count().get();
    assert.equal(page["@odata.count"], 5);
    assert.equal(page.value.length, 2);
    const seen = [];
    const iterator = new PageIterator(client, page, (item) => {
        seen.push(item.id);
        return true;
    });
    await iterator.iterate();
    assert.deepEqual(seen, ids);
    assert.ok(iterator.isComplete());

    const words = await client.api(set)
        .filter("id gt '3'").select("resourceReference").get();
    assert.deepEqual(
        words.value.map(({ resourceReference }) => resourceReference),
        [example.resourceReference, example.resourceReference]);
});

test("change and delete", async () => {
    const set = newSet();
    const { id, "@odata.etag": etag } = await client.api(set).post(example);
    const member = `${set}/${id}`;
    const change = {
        lastUsed: { lastAccessedDateTime: "2026-01-02T03:04:05Z" },
        resourceReference: { id: null },
    };
    const changed = await client.api(member).header("If-Match", etag)
        .patch(change);
    assert.notEqual(changed["@odata.etag"], etag);
    assert.deepEqual(changed.lastUsed, { ...example.lastUsed,
        lastAccessedDateTime: "2026-01-02T03:04:05Z" });
    assert.equal(changed.resourceReference.id, null);
    assert.equal(changed.resourceReference.webUrl,
        example.resourceReference.webUrl);
    assert.deepEqual(changed.resourceVisualization,
        example.resourceVisualization);
    assert.deepEqual(await client.api(member).get(), changed);

    await refused(client.api(member).header("If-Match", etag).patch(change),
        412, "PreconditionFailed");
    await refused(client.api(member).header("If-Match", etag).delete(),
        412, "PreconditionFailed");
    await client.api(member).delete();
    await refused(client.api(member).get(), 404,
        "Request_ResourceNotFound");
});

test("errors", async () => {
    const set = newSet();
    const missing = await refused(client.api(`${set}/none`).get(), 404,
        "Request_ResourceNotFound");
    assert.equal(missing.innerError.code, "IU0051");

    const { details } = await refused(
        client.api(set).post({
            ...example, one: 1, lastUsed: { lastAccessedDateTime: "never" },
        }), 400, "BadRequest");
    assert.deepEqual(details.map(({ target }) => target).sort(),
        ["lastUsed/lastAccessedDateTime", "one"]);

    await client.api(set).post({ ...example, id: "taken" });
    await refused(client.api(set).post({ ...example, id: "taken" }), 409,
        "Request_MultipleObjectsWithSameKeyValue");

    await refused(clientWith({ exp: 1 }).api(set).post(example), 401,
        "InvalidAuthenticationToken");
    await refused(clientWith({ scp: "Insights.Read" }).api(set).post(example),
        403, "Authorization_RequestDenied");
    assert.equal((await clientWith({ scp: "Insights.Read" })
        .api(`${set}/taken`).get()).id, "taken");
});

test("it retries after a database outage", async (t) => {
    const set = newSet();
    const giveBack = takeDatabase();
    // The server now knows of the outage: it responds at once, without effect.
    const down = await refused(
        client.api(`${set}/none`)
            .middlewareOptions([new RetryHandlerOptions(0, 0)]).get(),
        503, "ServiceUnavailable");
    assert.match(down.innerError.code, /^IU006[01]$/);

    const seen = [];
    t.after(watchAnswers((answer, request, options) => {
        const retry = new Headers(options.headers).get("Retry-Attempt");
        seen.push({ status: answer.status, retry, time: Date.now(),
                    after: answer.headers.get("Retry-After") });
        if (seen.length === 1) {
            giveBack();
        }
    }));
    const created = await client.api(set).post(example);
    assert.deepEqual(seen.map(({ status, retry }) => [status, retry]),
        [[503, null], [201, "1"]]);
    assert.match(seen[0].after, /^[1-9][0-9]?$/);
    assert.ok(seen[1].time - seen[0].time > 1000 * seen[0].after - 20,
        "it waited for Retry-After");
    assert.deepEqual(await client.api(`${set}/${created.id}`).get(), created);
});
