// SPDX-License-Identifier: Apache-2.0
// The client that Microsoft generates from Graph's own metadata (with Kiota).
// The metadata declares resourceReference and resourceVisualization as
// computed, so the client never sends them: InsightsUsedRequired none. It has
// builders for the paths of users; it has none for the path of an invitation,
// which withUrl() sets.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import {
    AllowedHostsValidator, BaseBearerTokenAuthenticationProvider,
} from "@microsoft/kiota-abstractions";
import {
    GraphRequestAdapter, createGraphServiceClient,
} from "@microsoft/msgraph-sdk";
import "@microsoft/msgraph-sdk-users";
import { example, newSet, token, url } from "./server.mjs";

const adapter = new GraphRequestAdapter(
    new BaseBearerTokenAuthenticationProvider({
        getAuthorizationToken: async () => token(),
        getAllowedHostsValidator: () => new AllowedHostsValidator(),
    }));
adapter.baseUrl = `${url}/generated`;
const { users } = createGraphServiceClient(adapter);
const { used } = users.byUserId("any").insights;

/** Builders for a set and its members. */
function buildersFor(root) {
    const set = `${url}/${root}/${newSet()}`;
    return {
        set: used.withUrl(set),
        count: used.count.withUrl(`${set}/$count`),
        query: (options) => used.withUrl(`${set}?${options}`),
        member: (id) =>
            used.byUsedInsightId("any").withUrl(`${set}/${id}`),
    };
}

// As in an application: Date objects, where the page's example has text.
const insight = {
    lastUsed: {
        lastAccessedDateTime: new Date("2026-01-02T03:04:05.678Z"),
        lastModifiedDateTime: new Date("2026-01-02T03:04:06Z"),
    },
    resourceReference: { ...example.resourceReference },
    resourceVisualization: { ...example.resourceVisualization },
};

async function refused(call, status, code) {
    const reason = await call.then(
        () => assert.fail("it was not refused"), (error) => error);
    assert.equal(reason.responseStatusCode, status);
    assert.equal(reason.errorEscaped.code, code);
    const { innerError } = reason.errorEscaped;
    assert.equal(innerError.requestId,
        reason.responseHeaders["request-id"][0]);
    assert.ok(Math.abs(innerError.date - Date.now()) < 60_000, "the date");
    return reason;
}

test("create and read", async () => {
    const { set, member } = buildersFor("generated");
    const created = await set.post(insight);
    assert.equal(created.odataType, "#microsoft.graph.usedInsight");
    const { odataType, ...instants } = created.lastUsed;
    assert.equal(odataType, "microsoft.graph.usageDetails");
    assert.deepEqual(instants, insight.lastUsed);
    assert.equal(created.resourceReference, undefined, "not sent");
    assert.equal(created.resourceVisualization, undefined, "not sent");
    assert.deepEqual(await member(created.id).get(), created);
});

test("records of other clients are read completely", async () => {
    const { set, member } = buildersFor("generated");
    await fetch(set.toGetRequestInformation().URL, {
        method: "POST",
        headers: { "Authorization": `Bearer ${token()}`,
                   "Content-Type": "application/json" },
        body: JSON.stringify({ ...example, id: "whole" }),
    });
    const read = await member("whole").get();
    assert.equal(read.resourceVisualization.title, "Title value");
    assert.equal(read.resourceReference.webUrl, "https://example.com/webUrl/");
    assert.equal(read.lastUsed.lastAccessedDateTime.getTime(),
        Date.parse("2016-12-31T23:58:24.6598438Z"));
});

test("list, change, count and delete", async () => {
    const { set, query, count, member } = buildersFor("generated");
    for (const id of ["a", "b", "c"]) {
        await set.post({ ...insight, id });
    }
    const first = await query("$orderby=id&$top=2&$count=true").get();
    assert.equal(first.odataCount, 3);
    const second = await used.withUrl(first.odataNextLink).get();
    assert.equal(second.odataNextLink, undefined);
    assert.deepEqual([...first.value, ...second.value].map(({ id }) => id),
        ["a", "b", "c"]);

    const later = new Date("2026-02-03T04:05:06Z");
    const changed = await member("b").patch(
        { lastUsed: { lastAccessedDateTime: later } });
    assert.deepEqual(changed.lastUsed.lastAccessedDateTime, later);
    assert.deepEqual(changed.lastUsed.lastModifiedDateTime,
        insight.lastUsed.lastModifiedDateTime);
    assert.deepEqual((await member("b").patch({})).lastUsed,
        changed.lastUsed, "nothing to change");

    await member("a").delete();
    assert.equal(await count.get(), 2);
});

test("the used insights of a user, by the client's own paths", async () => {
    const user = `it's ${randomUUID()}/ä`;
    const { insights } = users.byUserId(user);
    const created = await insights.used.post(insight);
    const { odataType, ...instants } = created.lastUsed;
    assert.deepEqual(instants, insight.lastUsed);
    for (const id of ["a", "b", "c"]) {
        await insights.used.post({ ...insight, id });
    }
    assert.deepEqual(
        await insights.used.byUsedInsightId(created.id).get(), created);

    const first = await insights.used.get({ queryParameters: {
        count: true, filter: "id le 'c' and id ge 'a'", orderby: ["id desc"],
        top: 2, select: ["id"],
    } });
    assert.equal(first.odataCount, 3);
    const second = await insights.used.withUrl(first.odataNextLink).get();
    assert.deepEqual([...first.value, ...second.value].map(({ id }) => id),
        ["c", "b", "a"]);

    const member = insights.used.byUsedInsightId("b");
    const later = new Date("2026-02-03T04:05:06Z");
    const changed = await member.patch(
        { lastUsed: { lastAccessedDateTime: later } });
    assert.deepEqual(changed.lastUsed.lastAccessedDateTime, later);
    assert.equal(await member.resource.get(), undefined, "it refers to none");
    await member.delete();
    assert.equal(await insights.used.count.get(), 3);
    await refused(member.get(), 404, "Request_ResourceNotFound");
    assert.equal(
        await users.byUserId(`${user}2`).insights.used.count.get(), 0);
});

test("errors", async () => {
    await refused(buildersFor("generated").member("none").get(), 404,
        "Request_ResourceNotFound");
    const { errorEscaped } = await refused(
        buildersFor("beta").set.post(insight), 400, "BadRequest");
    assert.deepEqual(errorEscaped.details.map(({ target }) => target).sort(),
        ["resourceReference", "resourceVisualization"],
        "without InsightsUsedRequired none");
});
