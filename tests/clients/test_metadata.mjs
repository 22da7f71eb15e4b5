// SPDX-License-Identifier: Apache-2.0
// Converts $metadata with the converter of OASIS's OData committee.
import assert from "node:assert/strict";
import { test } from "node:test";
import { xml2json } from "odata-csdl";
import { csdl2openapi } from "odata-openapi";
import { token, url } from "./server.mjs";

test("conversion to OpenAPI", async () => {
    const answer = await fetch(`${url}/beta/$metadata`,
        { headers: { Authorization: `Bearer ${token()}` } });
    assert.equal(answer.status, 200);
    const messages = [];
    const { paths, components } =
        csdl2openapi(xml2json(await answer.text()), { messages });
    assert.deepEqual(messages, []);

    const methods = ["get", "post", "put", "patch", "delete"];
    assert.deepEqual(
        Object.entries(paths).map(([path, item]) => [
            path.replaceAll(/\{\w+\}/g, "{}"),
            methods.filter((method) => item[method]).join(" "),
        ]),
        ["/invitations/{}/invitedUser", "/users/{}", "/me"].flatMap((user) => [
            [`${user}/insights/used`, "get post"],
            [`${user}/insights/used/{}`, "get patch delete"],
            [`${user}/insights/used/{}/resource`, "get"],
        ]).concat([["/$batch", "post"]]));

    const list = paths["/invitations/{id}/invitedUser/insights/used"].get;
    const names = list.parameters.map((parameter) =>
        parameter.name ??
            components.parameters[parameter.$ref.split("/").pop()].name);
    for (const name of ["filter", "orderby", "select", "expand", "top", "skip",
                        "count"]) {
        assert.ok(names.includes(name) || names.includes(`$${name}`), name);
    }
});
