// SPDX-License-Identifier: Apache-2.0
// Clients that are throttled as in conf/examples/qos.conf, and get through by
// themselves. Each address is a client.
import assert from "node:assert/strict";
import { Agent, request } from "node:https";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { example, newSet, token, url, watchAnswers } from "./server.mjs";
import { GUID, clientWith } from "./graph_client.mjs";

const LIMIT = 20; // of requests of an address, and of concurrent ones
const Authorization = `Bearer ${token()}`;
const agent = new Agent({ keepAlive: true });
after(() => agent.destroy());

/** Starts a request from an address of this machine. */
function start(address, method, path, headers) {
    return request(`${url}${path}`, {
        method, agent, localAddress: address,
        headers: { Authorization, ...headers },
    });
}

/** Resolves to the answer, with its body. */
function answerOf(started) {
    return new Promise((resolve, reject) => {
        started.on("error", reject).on("response", async (answer) => {
            answer.text = (await answer.toArray()).join("");
            resolve(answer);
        });
    });
}

function ask(address, path = `/throttled/${newSet()}`) {
    const asking = start(address, "GET", path);
    asking.end();
    return answerOf(asking);
}

function sendBatch(address, name = "$batch") {
    const sending = start(address, "POST", `/throttled/${name}`,
        { "Content-Type": "application/json" });
    sending.end(JSON.stringify({
        requests: [{ id: "1", method: "GET", url: `/${newSet()}` }],
    }));
    return answerOf(sending);
}

/** Checks that an answer refuses as the contract says; returns Retry-After. */
function throttledFor(answer) {
    assert.equal(answer.statusCode, 429);
    assert.equal(answer.headers["content-type"], "application/json");
    const { code, message, innerError } = JSON.parse(answer.text).error;
    assert.equal(code, "TooManyRequests");
    assert.ok(message);
    assert.equal(innerError.code, "IU0092");
    assert.match(innerError["request-id"], GUID);
    assert.equal(innerError["request-id"], answer.headers["request-id"]);
    const fields = answer.rawHeaders.filter((name) => /^retry-after$/i
        .test(name));
    assert.equal(fields.length, 1, "one Retry-After");
    assert.match(answer.headers["retry-after"], /^[23]$/);
    return Number(answer.headers["retry-after"]);
}

test("too many requests of one address", async () => {
    const paths = Array.from({ length: LIMIT + 20 },
        // However it is spelled, it is the throttled root.
        (_, n) => `${n % 2 ? "/throttled" : "//%74hrottled"}/${newSet()}`);
    const answers = [];
    for (const path of paths) {
        answers.push(await ask("127.0.0.2", path));
    }
    const statuses = answers.map(({ statusCode }) => statusCode);
    assert.deepEqual(statuses, paths.map((_, n) => n < LIMIT ? 200 : 429));
    const waits = answers.slice(LIMIT).map(throttledFor);
    assert.ok(new Set(waits).size > 1, `jitter: ${waits}`);

    assert.equal((await ask("127.0.0.3")).statusCode, 200, "another client");
    assert.equal((await ask("127.0.0.2", `/beta/${newSet()}`)).statusCode, 200,
        "another root");
});

test("too many concurrent requests", async (t) => {
    const held = Array.from({ length: LIMIT }, () => {
        const holding = start("127.0.0.4", "POST", `/throttled/${newSet()}`, {
            "Content-Type": "application/json", "Content-Length": 2,
            Expect: "100-continue",
        });
        holding.on("error", () => {}); // it is destroyed below
        holding.flushHeaders();
        return holding;
    });
    const release = () => held.forEach((holding) => holding.destroy());
    t.after(release);
    await Promise.all(held.map((holding) => new Promise((resolve) => {
        holding.on("continue", resolve);
    })));
    const wait = throttledFor(await ask("127.0.0.5"));
    release();
    await sleep(1000 * wait);
    assert.equal((await ask("127.0.0.5")).statusCode, 200);
});

describe("they get through", { concurrency: true }, () => {
    test("Microsoft's own client of Graph", async (t) => {
        assert.equal((await sendBatch("127.0.0.1")).statusCode, 200);
        const seen = [];
        t.after(watchAnswers((answer, asked, options) => {
            const retry = new Headers(options.headers).get("Retry-Attempt");
            seen.push({ status: answer.status, retry, time: Date.now(),
                        after: answer.headers.get("Retry-After") });
        }));
        const created = await clientWith({}).api(`/${newSet()}`)
            .version("throttled").post(example);
        assert.match(created.id, GUID);
        assert.deepEqual(seen.map(({ status, retry }) => [status, retry]),
            [[429, null], [201, "1"]]);
        assert.ok(seen[1].time - seen[0].time > 1000 * seen[0].after - 20,
            "it waited for Retry-After");
    });

    // A batch counts as 20, as many as may be in it, however it is spelled.
    for (let n = 11; n < 19; n++) {
        const address = `127.0.0.${n}`;
        test(`a client that waits as told: ${address}`, async () => {
            const name = n % 2 ? "$batch" : "/%24Batch";
            assert.equal((await sendBatch(address, name)).statusCode, 200);
            const wait = throttledFor(await ask(address));
            await sleep(1000 * wait);
            assert.equal((await ask(address)).statusCode, 200, `${wait} s`);
        });
    }
});
