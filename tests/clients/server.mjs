// SPDX-License-Identifier: Apache-2.0
// The server started by tests/clients/run, and tokens for it.
import { createSign, randomUUID } from "node:crypto";
import { readFileSync, renameSync } from "node:fs";

export const url = process.env.CLIENTS_URL;

export const example = JSON.parse(
    readFileSync("tests/data/create-used.json"));

/** A set of used insights that no other test uses, as path below a root. */
export function newSet() {
    return `invitations/${randomUUID()}/invitedUser/insights/used`;
}

/** A bearer token, with claims replaced. */
export function token(claims = {}) {
    const now = Math.floor(Date.now() / 1000);
    const parts = [
        { alg: "RS256", kid: "clients", typ: "JWT" },
        { sub: "somebody", aud: "api://clients", scp: "Insights.ReadWrite",
          iat: now, exp: now + 600, ...claims },
    ].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
    const signature = createSign("RSA-SHA256").update(parts.join("."))
        .sign(readFileSync(process.env.CLIENTS_KEY)).toString("base64url");
    return [...parts, signature].join(".");
}

/** Moves the database away. Returns a function that puts it back. */
export function takeDatabase() {
    const folder = process.env.CLIENTS_DATABASE;
    renameSync(folder, `${folder}.taken`);
    return () => renameSync(`${folder}.taken`, folder);
}

/**
 * Passes each response to a function, too, until the returned function is
 * called. Requests are unchanged.
 */
export function watchAnswers(see) {
    const { fetch } = globalThis;
    globalThis.fetch = async (...request) => {
        const answer = await fetch(...request);
        see(answer, ...request);
        return answer;
    };
    return () => { globalThis.fetch = fetch; };
}
