// SPDX-License-Identifier: Apache-2.0
// A page of another origin in a real browser, with the CORS headers of
// conf/examples: sends and reads each header field that Microsoft's clients
// send and read, and runs Microsoft's own client of Graph as loaded by pages.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { example, newSet, takeDatabase, token, url } from "./server.mjs";

const BROWSER = "chromium";
const SECONDS = 60; // for the page to finish
const LIBRARY = join(process.cwd(), "build/clients/node_modules/@microsoft",
    "microsoft-graph-client/lib/graph-js-sdk.js");

/** Runs in the page. Each result is null or an error. */
async function inThePage({ root, set, record, auth }) {
    const results = {};
    const failed = (error) => `${error.name}: ${error.message}`;
    const ask = (path, headers, method = "GET", body = undefined) =>
        fetch(`${root}/${path}`, {
            method, body, headers: { Authorization: auth, ...headers } });
    const sent = {
        "Accept": "application/json;odata.metadata=none",
        "Content-Type": "application/json",
        "Content-Encoding": "identity",
        "ConsistencyLevel": "eventual",
        "Idempotency-Key": "1",
        "If-Match": "*",
        "If-None-Match": "\"x\"",
        "OData-MaxVersion": "4.0",
        "OData-Version": "4.0",
        "Prefer": "return=representation",
        "Repeatability-First-Sent": new Date().toUTCString(),
        "Repeatability-Request-ID": "1",
        "Retry-Attempt": "1",
        "SdkVersion": "graph-js/3.0.7",
        "X-Requested-With": "XMLHttpRequest",
        "client-request-id": "1",
    };
    for (const [name, value] of Object.entries(sent)) {
        results[`sends ${name}`] = await ask(set, { [name]: value }).then(
            ({ status }) => status === 200 ? null : String(status), failed);
    }

    const reads = (answer, ...names) => names.forEach((name) => {
        results[`reads ${name}`] =
            answer.headers.has(name) ? null : `not of a ${answer.status}`;
    });
    const json = { "Content-Type": "application/json" };
    reads(await ask(set, { ...json, Prefer: "return=minimal" }, "POST", record),
        "ETag", "Location", "OData-EntityId", "OData-Version",
        "Preference-Applied", "client-request-id", "request-id");
    reads(await ask(set, { Authorization: "Bearer x" }), "WWW-Authenticate");
    await fetch("/take");
    reads(await ask(set), "Retry-After");
    await fetch("/return"); // the first calls below are retried

    const client = MicrosoftGraph.Client.init({
        baseUrl: new URL(root).origin,
        defaultVersion: "beta",
        customHosts: new Set([new URL(root).hostname]),
        authProvider: (done) => done(null, auth.slice("Bearer ".length)),
    });
    results["Graph's client"] = await (async () => {
        const made = await client.api(set).post(JSON.parse(record));
        const path = `${set}/${made.id}`;
        await client.api(path).header("If-Match", made["@odata.etag"])
            .patch({ resourceVisualization: { title: "changed" } });
        const { value } = await client.api(set)
            .filter("resourceVisualization/title eq 'changed'").get();
        await client.api(path).delete();
        return value.length === 1 && value[0].id === made.id
            ? null : JSON.stringify(value);
    })().catch(failed);

    for (const method of ["HEAD", "PATCH", "DELETE"]) {
        results[`${method} at all`] = await ask(set, {}, method).then(
            () => null, failed);
    }
    return results;
}

const page = (argument) => `<!DOCTYPE html><title>page</title>
<script src="/graph-js-sdk.js"></script>
<script>
(${inThePage})(${JSON.stringify(argument)})
    .catch((error) => ({ page: String(error) }))
    .then((results) => fetch("/results", {
        method: "POST", body: JSON.stringify(results) }));
</script>`;

/** The results reported by the page. */
function results(address) {
    const argument = { root: `${url}/beta`, set: newSet(),
        record: JSON.stringify(example), auth: `Bearer ${token()}` };
    let returnDatabase = () => {};
    return new Promise((resolve, reject) => {
        const profile = mkdtempSync(join(tmpdir(), "insights_used-browser."));
        const server = createServer(async (request, response) => {
            const answer = {
                "/": () => page(argument),
                "/graph-js-sdk.js": () => readFileSync(LIBRARY),
                "/take": () => { returnDatabase = takeDatabase(); return ""; },
                "/return": () => { returnDatabase(); return ""; },
                "/results": () => "",
            }[request.url];
            const body = [];
            for await (const chunk of request) {
                body.push(chunk);
            }
            response.writeHead(answer ? 200 : 404);
            response.end(answer?.());
            if (request.url === "/results") {
                stop(resolve, JSON.parse(Buffer.concat(body)));
            }
        });
        const [host, port] = address.split(":");
        server.listen(Number(port), host);
        const browser = spawn(BROWSER, ["--headless", "--no-sandbox",
            "--disable-gpu", "--ignore-certificate-errors",
            `--user-data-dir=${profile}`, `http://${address}/`],
        { stdio: ["ignore", "ignore", "pipe"],
          env: { ...process.env, HOME: profile, TMPDIR: profile } });
        const said = [];
        browser.stderr.on("data", (data) => said.push(data));
        browser.on("error", (error) => stop(reject, error));
        const timer = setTimeout(() => stop(reject, new Error(
            `the page did not end in ${SECONDS} s: ${Buffer.concat(said)}`)),
        SECONDS * 1000);
        function stop(settle, value) {
            clearTimeout(timer);
            server.close();
            server.closeAllConnections();
            if (browser.exitCode !== null || browser.pid === undefined) {
                settle(value);
                return;
            }
            browser.on("exit", () => {
                // Other processes of the browser may still write to it.
                rmSync(profile, { recursive: true, force: true,
                    maxRetries: 20, retryDelay: 50 });
                settle(value);
            });
            browser.kill("SIGKILL");
        }
    });
}

let found;
before(async () => { found = await results(process.env.CLIENTS_PAGE); });

test("a page of another origin has access", () => {
    assert.ok(Object.keys(found).length > 25, JSON.stringify(found));
    assert.deepEqual(
        Object.entries(found).filter(([, wrong]) => wrong !== null), []);
});

test("the example and the trial server have the same CORS headers", () => {
    const [example, trial] = ["conf/examples/auth_openidc.conf",
        "conf/trial/httpd.conf.in"].map((name) =>
        readFileSync(name, "utf8").match(
            /Access-Control-(?:Allow-(?:Headers|Methods)|Expose-Headers) .*/g)
            .sort());
    assert.equal(example.length, 3);
    assert.deepEqual(example, trial);
});
