// SPDX-License-Identifier: Apache-2.0
// The server that tests/clients/run has started, and what it lets in.
import { createSign, randomUUID } from "node:crypto";
import { readFileSync, renameSync } from "node:fs";

export const url = process.env.CLIENTS_URL;

export const example = JSON.parse(
    readFileSync("tests/data/create-used.json"));

/** The path of an invitation's set that no other test uses, below a root. */
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

/** Takes the database away; the function that it returns brings it back. */
export function takeDatabase() {
    const folder = process.env.CLIENTS_DATABASE;
    renameSync(folder, `${folder}.taken`);
    return () => renameSync(`${folder}.taken`, folder);
}

/**
 * Has every answer shown to a function as well, until the function that it
 * returns is called. Nothing else about the requests changes.
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
