// SPDX-License-Identifier: Apache-2.0
// The page of "make run" in a real browser: lists, searches, adds, changes and
// deletes used insights, and tells what went wrong.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { answered, base, call, listed, newPage, newSet, open, ours, overflow,
    picture, record, said, shell, status, titles, token } from "./trial.mjs";

const PLAN = { title: "Plan", type: "Word", mediaType: "application/msword" };

/** A set with these records, shown. */
async function opened(records, options) {
    const set = newSet();
    for (const each of records) {
        await call("POST", set.path, each);
    }
    return { set, ...await open(set, options) };
}

const editor = (page) => page.locator("#editor");
const field = (page, label) => editor(page).getByLabel(label, { exact: true });
const button = (place, name) =>
    place.getByRole("button", { name, exact: true });

//// Start

test("the address that make run prints shows its samples", async () => {
    const { page, seen } = await newPage();
    await page.goto(said.match(/^http:\S+#token=\S+$/m)[0]);
    await listed(page);
    assert.deepEqual(await titles(page), ["Project plan, second half", "Budget",
        "Apache HTTP Server documentation", "Title value"]);
    assert.equal(await status(page), "4 of 4 shown");

    const card = page.locator(".card").first();
    assert.match(await card.innerText(), /Word in Pilot project/);
    assert.match(await card.innerText(), /used 3 hours ago example\.com/);
    assert.match(await card.locator("time").getAttribute("title"),
        /^\w+day, \w+ \d+, \d{4} at /);
    const link = card.locator(".title a");
    assert.equal(await link.getAttribute("href"),
        "https://example.com/sites/pilot/plan.docx");
    assert.equal(await link.getAttribute("target"), "_blank");
    assert.equal(await link.getAttribute("rel"), "noopener noreferrer");

    await card.getByText("All properties").click();
    await card.locator("dl", { hasText: "drives/pilot/items" }).waitFor();
    assert.equal(seen.requests.length, 2); // the page and the list
});

test("the token is nowhere but in the requests' headers", async () => {
    const { page, seen } = await opened([record("Plan")]);
    assert.equal(page.url(), `${base}/`);
    assert.ok(!(await page.content()).includes("eyJ"));
    assert.deepEqual(await page.evaluate(() => [history.length,
        localStorage.length, sessionStorage.length, document.cookie,
        ...[...document.querySelectorAll("input")].filter(
            ({ value }) => value.includes("eyJ"))]), [2, 0, 0, ""]);
    const { authorization } = seen.requests.at(-1).headers();
    assert.equal(authorization, `Bearer ${ours}`);

    await page.reload(); // forgets the token
    assert.equal(await page.locator(".card").count(), 0);
    assert.ok(await page.locator("#token").isVisible());
});

test("an address with a token may be entered in the same tab", async () => {
    const { page } = await newPage();
    await page.goto(base);
    const { invitation, path } = newSet();
    await call("POST", path, record("Entered"));
    await page.goto(`${base}/#token=${ours}&invitation=${invitation}`);
    await page.locator(".title", { hasText: "Entered" }).waitFor();
    assert.equal(page.url(), `${base}/`);
});

test("the server's policy is the page's, and forbids frames", async () => {
    const answer = await fetch(base);
    const header = (name) => answer.headers.get(name);
    const [, policy] = readFileSync("conf/examples/page.html", "utf8")
        .match(/Content-Security-Policy" content="([^"]*)"/);
    assert.equal(answer.status, 200);
    assert.equal(header("Content-Security-Policy"),
        `${policy}; frame-ancestors 'none'`);
    assert.doesNotMatch(policy, /unsafe|\*/);
    assert.equal(header("Content-Type"), "text/html; charset=utf-8");
    assert.equal(header("X-Content-Type-Options"), "nosniff");
    assert.equal(header("Referrer-Policy"), "no-referrer");
    assert.equal(header("Cross-Origin-Opener-Policy"), "same-origin");
});

test("the form: an invitation, a user, me", async () => {
    const { page } = await newPage();
    const { invitation, path } = newSet();
    await call("POST", path, record("The guest's"));
    await call("POST", `users/${invitation}/insights/used`, record("A user's"));
    const mine = await call("POST", "me/insights/used", record("Mine"));
    await page.goto(base);
    await page.getByLabel("Bearer token").fill(` Bearer ${ours}\n`);
    await page.getByLabel("Id of the").fill(invitation);
    await answered(page, () => button(page, "Show").click());
    assert.deepEqual(await titles(page), ["The guest's"]);

    for (const [owner, title] of [["a user", "A user's"],
        ["me, the token's user", "Mine"]]) {
        await page.getByText("Connection").click();
        await page.getByLabel("Used by").selectOption(owner);
        await answered(page, () => button(page, "Show").click());
        assert.deepEqual(await titles(page), [title]);
    }
    await call("DELETE", `me/insights/used/${mine.id}`);
});

test("the token is sent to no other server", async () => {
    const { page, seen } = await opened([]);
    const before = seen.requests.length;
    await page.getByText("Connection").click();
    for (const root of ["https://example.com/beta", "//example.com", "a:b"]) {
        await page.getByLabel("Service root").fill(root);
        await button(page, "Show").click();
        assert.match(await page.locator("#connect-problem").innerText(),
            /must be a path or URL of this server/);
    }
    assert.equal(seen.requests.length, before);
});

//// List

test("search: any text, as $filter", async () => {
    const words = ["O'Brien", "100% & more", "#1 + 1", "\"q\" \\ [x] {y}"];
    const { page } = await opened([...words, "other"].map((word) =>
        record("x", { resourceVisualization: { title: `${word}!` } })));
    for (const word of words) {
        await page.getByLabel("Search").fill(word.toUpperCase());
        await answered(page, () => page.keyboard.press("Enter"));
        assert.deepEqual(await titles(page), [`${word}!`]);
        const command = await page.locator("#list-call .curl").textContent();
        const answer = shell(command.replace("-i", "-sS"), { TOKEN: ours });
        assert.deepEqual(JSON.parse(answer).value.map((item) =>
            item.resourceVisualization.title), [`${word}!`]);
    }
    await page.getByLabel("Search").fill("nothing like it");
    await answered(page, () => button(page, "Search").click());
    assert.ok(await page.getByText("Nothing matches the search.").isVisible());
});

test("order, as $orderby", async () => {
    const used = (title, lastAccessedDateTime) =>
        record(title, { lastUsed: { lastAccessedDateTime } });
    const { page } = await opened([used("b", "2026-01-02T00:00:00Z"),
        used("a", "2026-01-01T00:00:00Z"), used("c", "2026-01-03T00:00:00Z")]);
    assert.deepEqual(await titles(page), ["c", "b", "a"]);
    for (const [order, wanted] of [["last used last", ["a", "b", "c"]],
        ["title, Z to A", ["c", "b", "a"]], ["title, A to Z", ["a", "b", "c"]]]) {
        await answered(page, () =>
            page.getByLabel("Order").selectOption(order));
        assert.deepEqual(await titles(page), wanted);
    }
});

test("a late answer does not replace a newer one", async () => {
    const { page } = await opened([record("a"), record("b")]);
    await page.route(/title/, async (route) => {
        await new Promise((resolve) => { setTimeout(resolve, 500); });
        await route.fallback();
    }, { times: 1 });
    await page.getByLabel("Order").selectOption("title, A to Z");
    await answered(page, async () => {
        await answered(page, () =>
            page.getByLabel("Order").selectOption("title, Z to A"));
        assert.deepEqual(await titles(page), ["b", "a"]);
    });
    await page.waitForTimeout(600);
    assert.deepEqual(await titles(page), ["b", "a"]);
    assert.match(await page.locator("#list-call .curl").textContent(),
        /title%20desc/);
});

test("more follows the link to the next page", async () => {
    const records = Array.from({ length: 45 }, (_, i) => record(`${100 + i}`));
    const { page } = await opened(records);
    await answered(page, () =>
        page.getByLabel("Order").selectOption("title, A to Z"));
    assert.equal(await status(page), "20 of 45 shown");
    const more = button(page, "More");
    await answered(page, () => more.click());
    await page.getByText("40 of 45 shown").waitFor();
    assert.equal(await page.evaluate(() =>
        document.activeElement.querySelector(".title").textContent), "120");
    await answered(page, () => more.click());
    await page.getByText("45 of 45 shown").waitFor();
    assert.ok(await more.isHidden());
    assert.deepEqual(await titles(page),
        records.map((each) => each.resourceVisualization.title));
});

test("a link out of the service root is not followed", async () => {
    const { page } = await newPage();
    let link;
    await page.route(/insights\/used/, async (route) => {
        const response = await route.fetch();
        const json = { ...await response.json(), "@odata.nextLink": link };
        await route.fulfill({ response, json });
    });
    for (link of ["https://example.com/x", `${base}/betamax/x`,
        `${base}/beta/../x`, "javascript:alert(1)"]) {
        await page.goto(`${base}/#token=${ours}&invitation=x`);
        await page.locator("#more-problem", { hasText: link }).waitFor();
        assert.match(await page.locator("#more-problem").innerText(),
            /leads out of its root/);
        assert.ok(await button(page, "More").isHidden());
    }
});

//// Add, change, delete

test("add; and the command shown does the same", async () => {
    const { page, set } = await opened([]);
    const text = "it's \"$HOME\" `id` \\ !! $(id) é 😀 \u202ex\u2066";
    const seenAs = text.replace("\u202e", "\ufffd");
    assert.ok(await page.getByText("Nothing is stored here yet.").isVisible());
    await button(page, "Add…").click();
    const form = { Title: text, Type: "Word", Preview: `${text}\n2`,
        "Web address of the document": "https://example.com/a?b='c'",
        "Last used": "2026-03-04T10:00:07", Container: "Team" };
    for (const [label, value] of Object.entries(form)) {
        await field(page, label).fill(value);
    }
    await editor(page).getByLabel("Id").fill("by hand");
    const command = await editor(page).locator(".curl").textContent();
    assert.match(command, /-H "Authorization: Bearer \$TOKEN"/);
    assert.doesNotMatch(command, /[\u202e\u2066]/);
    shell(command, { TOKEN: ours });
    const path = `${set.path}/by%20hand`;
    const { lastUsed, resourceVisualization, resourceReference } =
        await call("GET", path, undefined,
            { Accept: "application/json;odata.metadata=none" });
    assert.deepEqual({ lastUsed, resourceVisualization, resourceReference }, {
        lastUsed: { lastAccessedDateTime: "2026-03-04T09:00:07.000Z" },
        resourceVisualization: { title: text, type: "Word",
            previewText: `${text}\n2`, containerDisplayName: "Team" },
        resourceReference: { webUrl: "https://example.com/a?b='c'" } });

    await answered(page, () => button(editor(page), "Add").click(), "POST");
    const problem = editor(page).getByRole("alert");
    await problem.getByText("There is a used insight with this id").waitFor();
    assert.match(await problem.innerText(), /409 Conflict, IU\d{4}/);
    assert.match(await editor(page).locator(".answer").innerText(),
        /^409 Conflict\n\{/);

    await editor(page).getByLabel("Id").fill("");
    await answered(page, () => button(editor(page), "Add").click(), "POST");
    await page.getByText("2 of 2 shown").waitFor();
    assert.ok(await editor(page).isHidden());
    assert.equal(await status(page), `Added “${seenAs}”. 2 of 2 shown`);
    assert.deepEqual(await titles(page), [seenAs, seenAs]);
});

test("add can be repeated if no answer came", async () => {
    const { page, set } = await opened([]);
    await button(page, "Add…").click();
    await field(page, "Title").fill("Once");
    await page.route(/insights\/used/, async (route) => {
        await route.fetch(); // stored, but the answer is lost
        await route.abort();
    }, { times: 1 });
    await button(editor(page), "Add").click();
    await editor(page).getByText("It is safe to send it again").waitFor();
    await button(editor(page), "Add").click();
    await page.getByText("1 of 1 shown").waitFor();
    const { value } = await call("GET", set.path);
    assert.equal(value.length, 1);
});

test("change sends only what was changed, with If-Match", async () => {
    const { page, seen, set } = await opened([record("Plan", {
        resourceVisualization: PLAN,
        lastUsed: { lastAccessedDateTime: "2026-03-04T09:00:00.123456789Z" },
    })]);
    await button(page, "Change…").click();
    await field(page, "Title").fill("Plan 2");
    await field(page, "Type").fill("");
    await answered(page, () => button(editor(page), "Save").click(), "PATCH");
    await page.getByText("Changed “Plan 2”. 1 of 1 shown").waitFor();
    const sent = seen.requests.at(-1);
    assert.deepEqual(sent.postDataJSON(),
        { resourceVisualization: { title: "Plan 2", type: null } });
    assert.match(sent.headers()["if-match"], /^W\//);
    assert.equal(await page.evaluate(() =>
        document.activeElement.textContent), "Change…");
    const { value: [now] } = await call("GET", set.path);
    assert.equal(now.lastUsed.lastAccessedDateTime,
        "2026-03-04T09:00:00.123456789Z");
    assert.equal(now.resourceVisualization.mediaType, PLAN.mediaType);
});

test("a conflict is told, and what was typed stays", async () => {
    const { page, set } = await opened([{ id: "plan",
        ...record("Plan", { resourceVisualization: PLAN }) }]);
    await button(page, "Change…").click();
    await field(page, "Title").fill("Mine");
    const path = `${set.path}/plan`;
    await call("PATCH", path, { resourceVisualization: { type: "Theirs" } });

    const save = button(editor(page), "Save");
    await answered(page, () => save.click(), "PATCH");
    await editor(page).getByText("Somebody else has changed").waitFor();
    assert.match(await editor(page).getByRole("alert").innerText(),
        /412 Precondition Failed, IU\d{4}/);
    await answered(page, () =>
        editor(page).getByText("Load the current version").click());
    await page.waitForFunction(() => document.querySelector(
        "[name='resourceVisualization/type']").value === "Theirs");
    await answered(page, () => save.click(), "PATCH");
    await page.getByText("Changed “Mine”").waitFor();
    const { resourceVisualization: { title, type } } = await call("GET", path);
    assert.deepEqual([title, type], ["Mine", "Theirs"]);
});

test("delete asks first, and deletes only what was shown", async () => {
    const { page, set } = await opened([{ id: "plan", ...record("Plan") }]);
    const remover = page.locator("#remover");
    await button(page, "Delete…").click();
    assert.match(await remover.locator(".curl").textContent(), /-X DELETE/);
    await button(remover, "Cancel").click();

    await call("PATCH", `${set.path}/plan`, record("Theirs"));
    await button(page, "Delete…").click();
    await answered(page, () => button(remover, "Delete").click(), "DELETE");
    await remover.getByText("Somebody else has changed").waitFor();
    await answered(page, () => remover.getByText("Show the current").click());
    await page.locator(".title", { hasText: "Theirs" }).waitFor();

    await button(page, "Delete…").click();
    await answered(page, () => button(remover, "Delete").click(), "DELETE");
    await page.getByText("Deleted “Theirs”. 0 of 0 shown").waitFor();
    assert.equal((await call("GET", set.path)).value.length, 0);
});

test("faults of a form are told, each with its property", async () => {
    const { page } = await opened([]);
    await button(page, "Add…").click();
    await field(page, "Last used").fill("10000-01-01T00:00:01");
    await field(page, "Last modified").fill("10001-01-01T00:00:01");
    await answered(page, () => button(editor(page), "Add").click(), "POST");
    const faults = editor(page).locator(".problem li");
    await faults.first().waitFor();
    assert.deepEqual((await faults.allTextContents()).map((text) =>
        text.split(":")[0]), ["lastUsed/lastAccessedDateTime",
        "lastUsed/lastModifiedDateTime"]);
});

//// Tokens that do not suffice

test("an expired token is told plainly", async () => {
    const { page } = await newPage();
    const expired = token({ EXP: "-3600" });
    await page.goto(`${base}/#token=${expired}&invitation=x`);
    const problem = page.locator("#list-problem");
    await problem.getByText("It may have expired").waitFor();
    assert.match(await problem.innerText(), /401 Unauthorized, IU\d{4}/);
    assert.match(await page.locator("#connected").innerText(),
        /token expired 1 hour ago/);
    assert.equal(await page.evaluate(() => document.activeElement.id), "token");
    const commands = await page.locator(".curl").allTextContents();
    assert.ok(commands.length > 0 && !commands.join().includes("eyJ"));
    await page.getByLabel("Bearer token").fill(ours);
    await answered(page, () => page.keyboard.press("Enter"));
    assert.ok(await problem.isHidden());
});

test("a token that may only read", async () => {
    const { page } = await newPage();
    const reader = token({ SCOPE: "Insights.Read" });
    await page.goto(`${base}/#token=${reader}&me`);
    await listed(page);
    await button(page, "Add…").click();
    await answered(page, () => button(editor(page), "Add").click(), "POST");
    await editor(page).getByText("does not permit this").waitFor();
});

//// For everybody

test("the keyboard suffices", async () => {
    const { page } = await opened([record("Plan")]);
    const { keyboard } = page;
    const focused = () => page.evaluate(() => {
        const { outlineStyle, outlineWidth } =
            getComputedStyle(document.activeElement);
        return { text: document.activeElement.textContent.trim(),
            outline: outlineStyle !== "none" && outlineWidth !== "0px" };
    });
    const tabTo = async (text) => {
        for (let i = 0; i < 30; i++) {
            await keyboard.press("Tab");
            const now = await focused();
            assert.ok(now.outline, `no outline: ${now.text}`);
            if (now.text === text) {
                return;
            }
        }
        assert.fail(`Tab does not lead to ${text}`);
    };
    await page.locator("body").focus();
    await tabTo("Add…");
    await keyboard.press("Enter");
    await keyboard.type("By keyboard");
    await keyboard.press("Escape");
    assert.equal((await focused()).text, "Add…");
    await keyboard.press("Space");
    await keyboard.type("By keyboard");
    await answered(page, () => keyboard.press("Enter"), "POST");
    await page.getByText("2 of 2 shown").waitFor();
    await tabTo("Change…");
    await keyboard.press("Enter");
    await keyboard.press("End");
    await keyboard.type(", again");
    await answered(page, () => keyboard.press("Enter"), "PATCH");
    await page.getByText("Changed “By keyboard, again”").waitFor();
    await tabTo("Delete…");
    await keyboard.press("Enter");
    await tabTo("Delete");
    await answered(page, () => keyboard.press("Enter"), "DELETE");
    await page.getByText("Deleted “By keyboard, again”").waitFor();
    assert.equal((await focused()).text, "Documents");
});

/** Contrast of an element's text (WCAG 2.2, 1.4.3). Runs in the page. */
function contrasts(selectors) {
    const canvas = document.createElement("canvas").getContext("2d",
        { willReadFrequently: true });
    const luminance = (color) => {
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((x) =>
            x / 255 <= 0.04045 ? x / 255 / 12.92
                : ((x / 255 + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
        const { backgroundColor } = getComputedStyle(element);
        return backgroundColor === "rgba(0, 0, 0, 0)"
            ? behind(element.parentElement) : backgroundColor;
    };
    return selectors.map((selector) => {
        const element = document.querySelector(selector);
        const pair = [luminance(getComputedStyle(element).color),
            luminance(behind(element))].sort((a, b) => b - a);
        return [selector, (pair[0] + 0.05) / (pair[1] + 0.05)];
    });
}

test("light, dark and on a phone", async () => {
    const address = said.match(/^http:\S+#token=\S+$/m)[0];
    const backgrounds = [];
    for (const [name, options] of Object.entries({
        light: {}, dark: { colorScheme: "dark" },
        phone: { viewport: { width: 360, height: 740 }, hasTouch: true,
            isMobile: true, deviceScaleFactor: 2 } })) {
        const { page } = await newPage(options);
        await page.goto(address);
        await listed(page);
        await picture(page, name);
        await page.getByText("curl: GET").click();
        await page.getByText("All properties").first().click();
        assert.equal(await overflow(page), 0, name);
        await button(page.locator(".card").first(), "Delete…").click();
        for (const [selector, contrast] of await page.evaluate(contrasts,
            ["h1", ".lead", ".facts", ".facts a", ".preview", ".title a",
                "#add", "#connected", "#status", "summary", ".curl", ".answer",
                ".all dt", ".all dd", "#remover p", "#remover .danger"])) {
            assert.ok(contrast >= 4.5, `${name}: ${selector} has ${contrast}`);
        }
        await picture(page, `${name}-delete`, {});
        await page.keyboard.press("Escape");
        await button(page.locator(".card").first(), "Change…").click();
        assert.equal(await editor(page).evaluate((dialog) =>
            dialog.scrollWidth - dialog.clientWidth), 0, name);
        await picture(page, `${name}-change`, {});
        backgrounds.push(await page.evaluate(() =>
            getComputedStyle(document.body).backgroundColor));
    }
    assert.notEqual(backgrounds[0], backgrounds[1]);
});

test("no motion for those who want none", async () => {
    const { page } = await newPage();
    await page.goto(base);
    for (const [reducedMotion, duration] of [["no-preference", "0.15s"],
        ["reduce", "0s"]]) {
        await page.emulateMedia({ reducedMotion });
        assert.equal(await page.locator("#cards").evaluate((cards) =>
            getComputedStyle(cards).transitionDuration), duration);
    }
});
