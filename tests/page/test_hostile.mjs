// SPDX-License-Identifier: Apache-2.0
// Stored texts that try to be more than texts.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { answered, base, call, newPage, newSet, open, ours, overflow, picture,
    record, titles }
    from "./trial.mjs";

const LONG = "Donaudampfschifffahrtsgesellschaftskapitän".repeat(50);
const TEXTS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "\"><svg onload=alert(3)><a href=\"javascript:alert(4)\">x</a>",
    "</title></template></script><script>alert(5)</script>",
    "{{7*7}} ${alert(6)} `\\u003cscript>`",
    "\u202egnp.exe\u202c\u2066\u2067\u2069\u200f\u200b\ufeff",
    `e${"\u0301\u0348".repeat(300)}`,
    "👩‍👩‍👧‍👦🏳️‍🌈".repeat(40),
    "مرحبا <b>שלום</b> abc",
    LONG,
    "line\r\nline\n\n\n\ttab\u0085\u2028",
];
const ADDRESSES = ["javascript:alert(7)", " JaVaScRiPt:alert(8)",
    "java\nscript:alert(9)", "data:text/html,<script>alert(10)</script>",
    "vbscript:x", "file:///etc/passwd", "blob:https://example.com/1",
    "//example.com/x", "/server-status", "https:", "http://[", "mailto:a@b"];

const IMAGE = "<svg xmlns='http://www.w3.org/2000/svg' width='60' height='40'>"
    + "<rect width='60' height='40' fill='teal'/></svg>";

/** A record with a text and an address in all properties that take one. */
function hostile(text, address) {
    return { lastUsed: { lastAccessedDateTime: "2016-12-31T23:59:60Z" },
        resourceVisualization: { title: text, type: text, mediaType: text,
            previewImageUrl: address, previewText: text,
            containerWebUrl: address, containerDisplayName: text,
            containerType: text },
        resourceReference: { webUrl: address, id: text, type: text } };
}

async function hostileSet() {
    const set = newSet();
    for (const [i, text] of TEXTS.entries()) {
        await call("POST", set.path, hostile(text, ADDRESSES[i]));
    }
    for (const address of ADDRESSES) {
        await call("POST", set.path, hostile(address, address));
    }
    return set;
}

/** What must not be in the page. Runs in the page. */
function suspicious() {
    const links = [...document.querySelectorAll("a")];
    return [
        ...links.filter((link) => !/^https?:$/.test(link.protocol) ||
            link.rel !== "noopener noreferrer" || link.target !== "_blank"),
        ...document.querySelectorAll("main :is(img, script, iframe, b b, svg a,"
            + " object, embed, base, meta, style)"),
        ...[...document.querySelectorAll("body *")].filter((element) =>
            element.getAttributeNames().some((name) => /^on/.test(name))),
    ].map((element) => element.outerHTML);
}

/** The texts that are wider than their cards, which clip them. In the page. */
function outside() {
    const range = document.createRange();
    return [...document.querySelectorAll(".card")].flatMap((card) =>
        [...card.querySelectorAll(".head *, .preview, .all *")].filter(
            (element) => {
                range.selectNodeContents(element);
                return range.getBoundingClientRect().right >
                    card.getBoundingClientRect().right;
            }).map((element) => element.textContent.slice(0, 80)));
}

test("texts stay texts", async () => {
    const set = await hostileSet();
    const { page } = await open(set);
    await answered(page, () => page.getByText("More").click());
    await page.getByText(`${TEXTS.length + ADDRESSES.length} of`).waitFor();
    for (const all of await page.getByText("All properties").all()) {
        await all.click();
    }
    const cards = await page.locator(".card").all();
    assert.equal(cards.length, TEXTS.length + ADDRESSES.length);
    for (const card of cards.slice(ADDRESSES.length)) {
        const title = await card.locator(".title").textContent();
        await card.getByText("Change…").click();
        const value = await page.locator("#editor").getByLabel("Title",
            { exact: true }).inputValue();
        assert.ok(value.replace("\u202e", "\ufffd").startsWith(
            title.replace(/…$/, "").replace(/[\r\n]/g, "")), title);
        await page.keyboard.press("Escape");
        await card.getByText("Delete…").click();
        await page.keyboard.press("Escape");
    }
    assert.deepEqual(await page.evaluate(suspicious), []);
    for (const text of TEXTS.slice(0, 6)) {
        assert.ok((await titles(page)).includes(
            text.replace("\u202e", "\ufffd")), text);
    }
    assert.equal(await page.getByText("Show image").filter({ visible: true })
        .count(), 0);
    const answer = await page.locator("#list-call .answer").textContent();
    assert.doesNotMatch(answer, /[\u202e\u2066\u200b]/);
});

test("texts stay in their cards, also on a phone", async () => {
    const set = await hostileSet();
    for (const width of [360, 1200]) {
        const { page } = await open(set, { viewport: { width, height: 800 } });
        await picture(page, `hostile-${width}`);
        for (const all of await page.getByText("All properties").all()) {
            await all.click();
        }
        assert.equal(await overflow(page), 0);
        assert.deepEqual(await page.evaluate(outside), []);
        const tallest = await page.evaluate(() => Math.max(
            ...[...document.querySelectorAll(".head, .preview")].map(
                (element) => element.offsetHeight)));
        assert.ok(tallest < 1200, String(tallest));
    }
});

test("an image is loaded only after a click, without a Referer", async (t) => {
    const asked = [];
    const server = createServer((request, response) => {
        asked.push(request.headers);
        response.writeHead(request.url === "/image.svg" ? 200 : 404,
            { "Content-Type": "image/svg+xml" });
        response.end(request.url === "/image.svg" ? IMAGE : "");
    });
    t.after(() => {
        server.close();
        server.closeAllConnections();
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${server.address().port}`;
    const set = newSet();
    for (const name of ["image.svg", "missing.svg"]) {
        await call("POST", set.path, record(name, { resourceVisualization: {
            previewImageUrl: `${address}/${name}` } }));
    }
    const { page, seen } = await open(set);
    assert.equal(asked.length, 0);
    const card = (name) => page.locator(".card", { hasText: name });
    await card("image.svg").getByText("Show image from 127.0.0.1").click();
    await page.waitForFunction(() =>
        document.querySelector(".picture img")?.naturalWidth === 60);
    assert.equal(asked.length, 1);
    assert.equal(asked[0].referer, undefined);
    assert.equal(asked[0].authorization, undefined);
    await card("missing.svg").getByText("Show image").click();
    await page.getByText("The image cannot be loaded.").waitFor();
    assert.deepEqual(seen.elsewhere.splice(0),
        [`${address}/image.svg`, `${address}/missing.svg`]);
});

test("any id leads to its own used insight", async () => {
    const ids = [".", "..", "$count", "a/b", "it's", "%2F", "?x#y+z", "\\",
        "{ü}[😀]"];
    const set = newSet();
    for (const id of ids) {
        await call("POST", set.path, { id, ...record(`before ${id}`) });
    }
    const { page } = await open(set);
    assert.equal(await page.locator(".card").count(), ids.length);
    for (const id of ids) {
        const card = page.locator(".card", {
            has: page.getByRole("heading", { name: `before ${id}`, exact: true })
        });
        await card.getByText("Change…").click();
        await page.locator("#editor").getByLabel("Title", { exact: true })
            .fill(`after ${id}`);
        await page.getByRole("button", { name: "Save" }).click();
        await page.getByRole("heading", { name: `after ${id}`, exact: true })
            .waitFor();
    }
    const { value } = await call("GET", set.path);
    assert.deepEqual(value.map((item) => item.resourceVisualization.title)
        .sort(), ids.map((id) => `after ${id}`).sort());
    for (let left = ids.length; left > 0; left--) {
        await page.getByText("Delete…").first().click();
        await page.locator("#remover .danger").click();
        await page.getByText(`${left - 1} of ${left - 1} shown`).waitFor();
    }
    assert.equal((await call("GET", set.path)).value.length, 0);
});

test("an invitation may have any id", async () => {
    const { page } = await newPage();
    for (const invitation of ["..", "it's a/b", "$x"]) {
        const key = encodeURIComponent(invitation.replace("'", "''"));
        await call("POST", `invitations('${key}')/invitedUser/insights/used`,
            record(`of ${invitation}`));
        await page.goto(`${base}/#token=${ours}&invitation=${
            encodeURIComponent(invitation)}`);
        await page.locator(".title", { hasText: `of ${invitation}` }).waitFor();
    }
});

test("no other page may frame it", async () => {
    const { page, seen } = await newPage();
    await page.setContent(`<iframe src="${base}/"></iframe>`);
    await page.waitForFunction(() => window.length === 1);
    assert.ok(await page.frameLocator("iframe").locator("h1")
        .filter({ hasText: "Used insights" }).count() === 0);
    assert.match(seen.wrong.splice(0).join(), /frame-ancestors 'none'/);
});
