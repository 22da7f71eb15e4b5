// SPDX-License-Identifier: Apache-2.0
// Microsoft's own client of Graph, for the server of the tests.
import graph from "@microsoft/microsoft-graph-client";
import { token, url } from "./server.mjs";

export const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A client whose token has these claims replaced. */
export function clientWith(claims) {
    return graph.Client.init({
        baseUrl: url,
        defaultVersion: "beta",
        customHosts: new Set([new URL(url).hostname]),
        authProvider: (done) => done(null, token(claims)),
    });
}
