// SPDX-License-Identifier: Apache-2.0
// A generic OData client: o.js, with odata-query to build the query options.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { o } from "odata";
import buildQuery from "odata-query";
import { example, newSet, token, url } from "./server.mjs";

const set = newSet();
const service = o(`${url}/beta/`, {
    headers: { "Authorization": `Bearer ${token()}`,
               "Content-Type": "application/json" },
});

const records = [
    ["a", "Plan", "Word", "2026-01-05T12:00:00Z"],
    ["b", "O'Hara & sons, 50% + more", "Excel", "2026-01-04T23:30:00-02:00"],
    ["c", "plan B", "Word", "2026-01-03T12:00:00.5Z"],
    ["d", "Übersicht", "PowerPoint", "2026-01-02T12:00:00Z"],
    ["e", undefined, "Word", null],
];

before(async () => {
    for (const [id, title, type, lastAccessedDateTime] of records) {
        await service.post(set, {
            ...example, id,
            lastUsed: { lastAccessedDateTime },
            resourceVisualization: { title, type },
        }).query();
    }
});

/** The ids found by a query, in order. */
async function ids(query) {
    const found = await service.get(set + buildQuery(query)).query();
    return found.map(({ id }) => id).join("");
}

const title = "resourceVisualization/title";
const type = "resourceVisualization/type";
const accessed = "lastUsed/lastAccessedDateTime";

test("filter", async () => {
    for (const [filter, expected] of [
        [{ [type]: "Word" }, "ace"],
        [{ [type]: { ne: "Word" } }, "bd"],
        [{ [title]: "O'Hara & sons, 50% + more" }, "b"],
        [{ [title]: { contains: "lan" } }, "ac"],
        [{ [title]: { startswith: "Ü" } }, "d"],
        [{ [`tolower(${title})`]: { startswith: "plan" } }, "ac"],
        [{ [title]: null }, "e"],
        [{ [title]: { in: ["Plan", "plan B"] } }, "ac"],
        [{ [accessed]: { gt: new Date("2026-01-05T00:00:00Z") } }, "ab"],
        [{ [accessed]: { le: new Date("2026-01-03T12:00:00.500Z") } }, "cd"],
        [{ and: [{ [type]: "Word" }, { not: { [title]: "Plan" } }] }, "ce"],
        [{ or: [{ id: "d" }, { [`length(${title})`]: 4 }] }, "ad"],
        [{ id: "none" }, ""],
    ]) {
        assert.equal(await ids({ filter, orderBy: "id" }), expected,
            JSON.stringify(filter));
    }
});

test("order, skip and top", async () => {
    assert.equal(await ids({}), "abcde", "most recently used first");
    assert.equal(await ids({ orderBy: `${accessed} asc` }), "edcba");
    assert.equal(await ids({ orderBy: [`${type} asc`, "id desc"] }), "bdeca");
    assert.equal(await ids({ orderBy: [`${title} desc`] }), "dcabe");
    assert.equal(await ids({ orderBy: "id", skip: 1, top: 2 }), "bc");
});

test("count and select", async () => {
    const answer = await service.get(set + buildQuery({
        count: true, filter: { [type]: "Word" }, top: 1, orderBy: "id",
        select: [title],
    })).fetch();
    const page = await answer.json();
    assert.equal(page["@odata.count"], 3);
    assert.deepEqual(Object.keys(page.value[0])
        .filter((name) => !name.startsWith("@")), ["resourceVisualization"]);
    assert.deepEqual(Object.keys(page.value[0].resourceVisualization)
        .filter((name) => !name.startsWith("@")), ["title"]);
    assert.ok(page["@odata.nextLink"].startsWith(`${url}/beta/${set}?`));

    const count = await service.get(`${set}/$count${
        buildQuery({ filter: { [type]: "Word" } })}`).fetch();
    assert.equal(await count.text(), "3");
});

test("an error for an invalid filter", async () => {
    const reason = await service.get(set + buildQuery({
        filter: "resourceVisualization/titel eq 'x'",
    })).query().then(
        () => assert.fail("it was not refused"), (answer) => answer);
    assert.equal(reason.status, 400);
    const { error } = await reason.json();
    assert.match(error.message, /titel/);
});

test("change and delete", async () => {
    const patched = await service.patch(`${set}('d')`,
        { resourceVisualization: { title: "Overview" } }).query();
    assert.equal(patched.resourceVisualization.title, "Overview");
    const read = await service.get(`${set}('d')`).query();
    assert.equal(read.resourceVisualization.title, "Overview");
    assert.equal(read.resourceVisualization.type, "PowerPoint");
    await service.delete(`${set}('d')`).query();
    assert.equal(await ids({ orderBy: "id" }), "abce");
});
