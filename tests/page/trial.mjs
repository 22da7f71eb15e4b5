// SPDX-License-Identifier: Apache-2.0
// A server of "make run" and a browser, for the tests of the page.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync }
    from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach } from "node:test";
import { chromium } from "playwright-core";

const PICTURES = "build/page"; // screenshots
mkdirSync(PICTURES, { recursive: true });

const freePort = () => new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
        const { port } = server.address();
        server.close(() => resolve(port));
    });
});

//// Server

const folder = mkdtempSync(join(tmpdir(), "insights_used-page."));
chmodSync(folder, 0o755); // for the server's children
const environment = { ...process.env, PORT: String(await freePort()),
    STATE: join(folder, "state") };
for (const name of ["MAKEFLAGS", "MAKELEVEL", "EXTRA", "SCOPE", "EXP", "NBF",
    "AUD"]) {
    delete environment[name];
}
const trial = (what, claims = {}) => execFileSync("tools/trial", [what],
    { env: { ...environment, ...claims }, encoding: "utf8" });

// However the tests end, and also if they cannot begin.
process.on("exit", () => {
    trial("stop");
    rmSync(folder, { recursive: true });
});
for (const signal of ["SIGINT", "SIGTERM"]) {
    process.on(signal, () => process.exit(1));
}

export const said = trial("start");
export const base = `http://127.0.0.1:${environment.PORT}`;
export const token = (claims) => trial("token", claims).trim();
export const ours = token();
const SECRET = new RegExp(`${ours.split(".")[0]}|\\btoken=`);
const log = (name) =>
    readFileSync(join(environment.STATE, "logs", name), "utf8");

/** Calls the service. Returns the JSON of the answer. */
export async function call(method, path, body, headers = {}) {
    const answer = await fetch(`${base}/beta/${path}`, { method,
        body: body && JSON.stringify(body), headers: { ...headers,
            "Content-Type": "application/json",
            Authorization: `Bearer ${ours}` } });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
    return answer.status === 204 ? null : answer.json();
}

/** A set for one test: the id of its invitation, and its path. */
export function newSet() {
    const invitation = randomUUID();
    return { invitation,
        path: `invitations/${invitation}/invitedUser/insights/used` };
}

export const record = (title, more = {}) => ({ lastUsed: {},
    resourceReference: {}, ...more,
    resourceVisualization: { title, ...more.resourceVisualization } });

/** Runs a command of the page in a shell, as a reader would. */
export function shell(command, variables) {
    return execFileSync("bash", ["-c", command],
        { env: { ...process.env, ...variables }, encoding: "utf8",
          stdio: ["ignore", "pipe", "ignore"] });
}

//// Browser

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox"] });
const contexts = [];

/** A new page, in a window of its own, and what was seen in it. */
export async function newPage(options = {}) {
    const context = await browser.newContext({ locale: "en",
        timezoneId: "Europe/Berlin", ...options });
    const page = await context.newPage();
    const seen = { requests: [], wrong: [], elsewhere: [] };
    page.on("request", (request) => {
        seen.requests.push(request);
        if (new URL(request.url()).origin !== base &&
            !request.url().startsWith("data:")) {
            seen.elsewhere.push(request.url());
        }
    });
    page.on("dialog", (dialog) => {
        seen.wrong.push(`dialog: ${dialog.message()}`);
        dialog.dismiss();
    });
    page.on("pageerror", (error) => seen.wrong.push(String(error)));
    page.on("console", (message) => {
        // An answer with an error status is no fault of the page.
        if (message.type() !== "log" &&
            !/^Failed to load resource/.test(message.text())) {
            seen.wrong.push(message.text());
        }
    });
    contexts.push({ context, seen });
    return { page, seen };
}

export const listed = (page) => page.locator("#cards[aria-busy=false]")
    .waitFor({ state: "attached" });

/** The same, with a set shown. */
export async function open({ invitation }, options) {
    const opened = await newPage(options);
    await opened.page.goto(`${base}/#token=${ours}&invitation=${invitation}`);
    await listed(opened.page);
    return opened;
}

export const titles = (page) =>
    page.locator(".card .title").allTextContents();

/** What the page tells in its live region. */
export const status = (page) => page.locator("#status").textContent();

export const picture = (page, name, options = { fullPage: true }) =>
    page.screenshot({ path: `${PICTURES}/${name}.png`, ...options });

/** Does what leads to an answer of the service, and waits for the answer. */
export async function answered(page, action, method = "GET") {
    const answer = page.waitForResponse((response) =>
        response.request().method() === method);
    await action();
    await (await answer).finished();
    await listed(page);
}

/** The width that the content needs beyond that of the window. */
export const overflow = (page) => page.evaluate(() =>
    document.documentElement.scrollWidth - window.innerWidth);

// True of each test: no request elsewhere, no violation of the policy, no
// script of somebody else's, and no token in a URL.
afterEach(async () => {
    for (const { context, seen } of contexts.splice(0)) {
        await context.close();
        assert.deepEqual(seen.wrong, []);
        assert.deepEqual(seen.elsewhere, []);
        for (const request of seen.requests) {
            // What the browser opens has the fragment, what it sends has not.
            assert.ok(request.isNavigationRequest() ||
                !SECRET.test(request.url()), request.url());
            assert.ok(!request.headers().referer, request.url());
        }
    }
});

after(async () => {
    await browser.close();
    const logs = log("access.log") + log("error.log");
    assert.ok(logs.length > 0);
    assert.ok(!SECRET.test(logs));
});
