// SPDX-License-Identifier: Apache-2.0
// Batches that the core of Microsoft's generated clients makes. It sends each
// item without headers, and its body as text in base64. Of the answers it reads
// only texts as bodies, so a record has none.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
    AllowedHostsValidator, BaseBearerTokenAuthenticationProvider,
} from "@microsoft/kiota-abstractions";
import {
    GraphRequestAdapter, createGraphServiceClient,
} from "@microsoft/msgraph-sdk";
import {
    BatchRequestContent, BatchRequestContentCollection,
} from "@microsoft/msgraph-sdk-core";
import {
    createODataErrorFromDiscriminatorValue,
} from "@microsoft/msgraph-sdk/models/oDataErrors/index.js";
import "@microsoft/msgraph-sdk-users";
import { newSet, token, url } from "./server.mjs";

function adapterWith(claims) {
    const adapter = new GraphRequestAdapter(
        new BaseBearerTokenAuthenticationProvider({
            getAuthorizationToken: async () => token(claims),
            getAllowedHostsValidator: () => new AllowedHostsValidator(),
        }));
    adapter.baseUrl = `${url}/generated`;
    return adapter;
}

const adapter = adapterWith({});
const client = createGraphServiceClient(adapter);
const { used } = client.users.byUserId("any").insights;
const errors = { XXX: createODataErrorFromDiscriminatorValue };

/** The requests to a set, which are not sent. */
function requestsTo(name) {
    const set = `${url}/generated/${name}`;
    const member = (id) =>
        used.byUsedInsightId("any").withUrl(`${set}/${id}`);
    return {
        create: (record) => used.withUrl(set).toPostRequestInformation(record),
        list: () => used.withUrl(set).toGetRequestInformation(),
        read: (id) => member(id).toGetRequestInformation(),
        remove: (id) => member(id).toDeleteRequestInformation(),
    };
}

const insight = {
    lastUsed: { lastAccessedDateTime: new Date("2026-01-02T03:04:05.678Z") },
};

/** Creates records without a batch. */
async function create(set, ids) {
    for (const id of ids) {
        await used.withUrl(`${url}/generated/${set}`).post({ ...insight, id });
    }
}

function ids(set) {
    return used.withUrl(`${url}/generated/${set}?$orderby=id`).get().then(
        ({ value }) => value.map(({ id }) => id));
}

async function statuses(answers) {
    return Object.fromEntries(await answers.getResponsesStatusCodes());
}

test("reads and headers", async () => {
    const set = newSet();
    await create(set, ["one"]);
    const { read } = requestsTo(set);
    const batch = new BatchRequestContent(adapter, errors);
    batch.addBatchRequest(read("one"), "there");
    batch.addBatchRequest(read("two"), "none");
    const answers = await batch.postAsync();
    assert.deepEqual(await statuses(answers), { there: 200, none: 404 });
    const { ETag: etag } =
        answers.getResponseById("there").headers.getValue();
    assert.match(etag.getValue(), /^W\/".+"$/);
});

test("creates", async () => {
    const set = newSet();
    const { create: post, list } = requestsTo(set);
    const batch = new BatchRequestContent(adapter, errors);
    batch.addBatchRequest(post({ ...insight, id: "one" }), "create");
    batch.addBatchRequest(list(), "after").dependsOn = ["create"];
    assert.deepEqual(await statuses(await batch.postAsync()),
        { create: 201, after: 200 });
    assert.deepEqual(await ids(set), ["one"]);
});

test("more than one batch", async () => {
    const set = newSet();
    await create(set, ["there"]);
    const { read, list } = requestsTo(set);
    const collection = new BatchRequestContentCollection(adapter, errors);
    for (let i = 0; i < 45; i++) {
        collection.addBatchRequest(i % 2 ? read("there") : list(), `${i}`);
    }
    const answers = await collection.postAsync();
    const got = await statuses(answers);
    assert.equal(Object.keys(got).length, 45);
    assert.ok(Object.values(got).every((status) => status === 200));
    assert.equal(answers.batchResponseContent.length, 3);
});

test("each depends on the one before", async () => {
    const set = newSet();
    await create(set, ["a", "b"]);
    const { read, remove } = requestsTo(set);
    const batch = new BatchRequestContent(adapter, errors);
    const chain = [read("a"), remove("a"), read("a"), remove("b")];
    chain.forEach((request, i) => {
        const item = batch.addBatchRequest(request, `${i}`);
        item.dependsOn = i ? [`${i - 1}`] : undefined;
    });
    assert.deepEqual(await statuses(await batch.postAsync()),
        { 0: 200, 1: 204, 2: 404, 3: 424 });
    assert.deepEqual(await ids(set), ["b"]);
});

test("the caller's own set", async () => {
    const made = await client.me.insights.used.post(insight);
    const batch = new BatchRequestContent(adapter, errors);
    const { url: path } = batch.addBatchRequest(
        client.me.insights.used.byUsedInsightId(made.id)
            .toGetRequestInformation(), "me");
    assert.equal(path, `/me/insights/used/${made.id}`);
    batch.addBatchRequest(
        client.users.byUserId("somebody").insights.used
            .byUsedInsightId(made.id).toDeleteRequestInformation(), "users")
        .dependsOn = ["me"];
    assert.deepEqual(await statuses(await batch.postAsync()),
        { me: 200, users: 204 });
});

test("a batch that is refused", async () => {
    const batch = new BatchRequestContent(adapterWith({ exp: 1 }), errors);
    batch.addBatchRequest(requestsTo(newSet()).list(), "1");
    const error = await batch.postAsync().then(
        () => assert.fail("it was not refused"), (reason) => reason);
    assert.equal(error.responseStatusCode, 401);
    assert.equal(error.errorEscaped.code, "InvalidAuthenticationToken");
});
