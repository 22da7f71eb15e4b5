// SPDX-License-Identifier: Apache-2.0
// Batches that Microsoft's own client of Graph makes, and the answers as it
// reads them.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import graph from "@microsoft/microsoft-graph-client";
import { example, newSet, url } from "./server.mjs";
import { GUID, clientWith } from "./graph_client.mjs";

const {
    BatchRequestContent, BatchResponseContent, GraphError,
} = graph;

/** A step. The client makes the path of the request's URL the item's url. */
function step(id, method, path, { body, headers, dependsOn, root } = {}) {
    const request = new Request(`${url}${root ?? "/beta"}/${path}`, {
        method,
        body: body && JSON.stringify(body),
        headers: body
            ? { "Content-Type": "application/json", ...headers } : headers,
    });
    return { id, request, dependsOn };
}

async function send(steps, claims = {}) {
    const content = await new BatchRequestContent(steps).getContent();
    return new BatchResponseContent(
        await clientWith(claims).api("/$batch").post(content));
}

/** The statuses in the order of the responses. */
function statuses(batch) {
    return [...batch.getResponsesIterator()].map(
        ([id, { status }]) => `${id} ${status}`);
}

async function refused(answer, status, code) {
    assert.equal(answer.status, status);
    const { error } = await answer.json();
    assert.equal(error.code, code);
    return error;
}

test("creates and reads", async () => {
    const set = newSet();
    const ids = Array.from({ length: BatchRequestContent.requestLimit },
        (_, i) => `item ${i}`);
    const made = await send(ids.map((id) => step(id, "POST", set,
        { body: { ...example, resourceReference: { id } } })));
    assert.deepEqual(statuses(made), ids.map((id) => `${id} 201`));

    const created = new Map();
    for (const [id, answer] of made.getResponsesIterator()) {
        const record = await answer.json();
        assert.match(record.id, GUID);
        assert.equal(record.resourceReference.id, id);
        assert.equal(answer.headers.get("ETag"), record["@odata.etag"]);
        assert.equal(answer.headers.get("Location"),
            `${url}/beta/${set}/${record.id}`);
        assert.equal(answer.headers.get("OData-Version"), "4.0");
        created.set(id, record);
    }

    const read = await send([
        ...ids.slice(0, 5).map((id) =>
            step(id, "GET", `${set}/${created.get(id).id}`)),
        step("count", "GET", `${set}/$count`),
        step("page", "GET", `${set}?$top=2&$select=id&$count=true`),
        step("outside", "GET", `${set}/$count`, { root: "" }),
    ]);
    for (const id of ids.slice(0, 5)) {
        assert.deepEqual(await read.getResponseById(id).json(),
            created.get(id));
    }
    assert.equal(await read.getResponseById("count").text(), "20");
    assert.equal(await read.getResponseById("outside").text(), "20",
        "a url that begins at the root of the service");
    const page = await read.getResponseById("page").json();
    assert.equal(page["@odata.count"], 20);
    assert.equal(page.value.length, 2);
    const rest = await clientWith({}).api(page["@odata.nextLink"]).get();
    assert.equal(rest.value.length, 2, "its link is absolute");
});

test("one fails, the others do not", async () => {
    const set = newSet();
    const answers = await send([
        step("bad", "POST", set, { body: { ...example, one: 1 } }),
        step("good", "POST", set, { body: { ...example, id: "good" } }),
        step("none", "GET", `${set}/none`),
        step("PUT", "PUT", `${set}/good`, { body: example }),
        step("minimal", "POST", set,
            { body: example, headers: { Prefer: "return=minimal" } }),
    ]);
    const { details } = await refused(answers.getResponseById("bad"), 400,
        "BadRequest");
    assert.deepEqual(details.map(({ target }) => target), ["one"]);
    assert.equal(answers.getResponseById("good").status, 201);
    await refused(answers.getResponseById("none"), 404,
        "Request_ResourceNotFound");
    assert.equal(answers.getResponseById("PUT").status, 405);
    const minimal = answers.getResponseById("minimal");
    assert.equal(minimal.status, 204);
    assert.equal(await minimal.text(), "");
    assert.ok(minimal.headers.get("Location").startsWith(
        `${url}/beta/${set}/`));
});

test("each depends on the one before", async () => {
    const set = newSet();
    const member = `${set}/one`;
    const title = { resourceVisualization: { title: "changed" } };
    const content = new BatchRequestContent([
        step("create", "POST", set, { body: { ...example, id: "one" } }),
        step("change", "PATCH", member, { body: title }),
        step("read", "GET", member),
        step("delete", "DELETE", member),
        step("count", "GET", `${set}/$count`),
    ]);
    ["change", "read", "delete", "count"].forEach((id) =>
        content.addDependency(id));
    const answers = new BatchResponseContent(
        await clientWith({}).api("/$batch").post(await content.getContent()));
    assert.deepEqual(statuses(answers), ["create 201", "change 200",
        "read 200", "delete 204", "count 200"]);
    const changed = await answers.getResponseById("change").json();
    assert.equal(changed.resourceVisualization.title, "changed");
    assert.deepEqual(await answers.getResponseById("read").json(), changed);
    assert.equal(await answers.getResponseById("count").text(), "0");
});

test("what depends on a failure", async () => {
    const set = newSet();
    await clientWith({}).api(set).post({ ...example, id: "taken" });
    const chain = await send([
        step("1", "POST", set, { body: { ...example, id: "new" } }),
        step("2", "POST", set,
            { body: { ...example, id: "taken" }, dependsOn: ["1"] }),
        step("3", "DELETE", `${set}/taken`, { dependsOn: ["2"] }),
        step("4", "DELETE", `${set}/new`, { dependsOn: ["3"] }),
    ]);
    assert.deepEqual(statuses(chain), ["1 201", "2 409", "3 424", "4 424"]);
    await refused(chain.getResponseById("2"), 409,
        "Request_MultipleObjectsWithSameKeyValue");
    await refused(chain.getResponseById("3"), 424, "FailedDependency");
    await refused(chain.getResponseById("4"), 424, "FailedDependency");

    const star = await send([
        step("1", "PATCH", `${set}/new`,
            { body: {}, headers: { "If-Match": "W/\"stale\"" } }),
        step("2", "DELETE", `${set}/taken`, { dependsOn: ["1"] }),
        step("3", "DELETE", `${set}/new`, { dependsOn: ["1"] }),
    ]);
    assert.deepEqual(statuses(star), ["1 412", "2 424", "3 424"]);
    const { value } = await clientWith({}).api(set).orderby("id").get();
    assert.deepEqual(value.map(({ id }) => id), ["new", "taken"]);
});

test("the caller's own set", async () => {
    const sub = randomUUID();
    const made = await clientWith({ sub })
        .api("/me/insights/used").post(example);
    const read = await send([
        step("me", "GET", `me/insights/used/${made.id}`),
        step("users", "GET", `users/${sub}/insights/used/${made.id}`),
        step("other", "GET", `users/other/insights/used/${made.id}`),
    ], { sub });
    assert.deepEqual(statuses(read), ["me 200", "users 200", "other 404"]);
    assert.deepEqual(await read.getResponseById("me").json(), made);
});

test("each item is authorised", async () => {
    const set = newSet();
    const reader = { scp: "Insights.Read" };
    const answers = await send([
        step("read", "GET", set),
        step("write", "POST", set, { body: example }),
    ], reader);
    assert.deepEqual(statuses(answers), ["read 200", "write 403"]);
    await refused(answers.getResponseById("write"), 403,
        "Authorization_RequestDenied");

    const error = await send([step("read", "GET", set)], { exp: 1 }).then(
        () => assert.fail("it was not refused"), (reason) => reason);
    assert.ok(error instanceof GraphError, String(error));
    assert.equal(error.statusCode, 401);
    assert.equal(error.code, "InvalidAuthenticationToken");
});

test("a batch that is none", async () => {
    const error = await clientWith({}).api("/$batch").post({ requests: 1 })
        .then(() => assert.fail("it was not refused"), (reason) => reason);
    assert.ok(error instanceof GraphError, String(error));
    assert.equal(error.statusCode, 400);
    assert.equal(error.code, "BadRequest");
    assert.match(error.message, /^Invalid batch payload format\./);
    assert.match(error.requestId, GUID);
});
