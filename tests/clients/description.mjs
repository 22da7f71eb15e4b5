// SPDX-License-Identifier: Apache-2.0
// Validates the descriptions of the service with third-party tools:
//
//   node description.mjs FOLDER
//
// FOLDER has metadata.xml, metadata.json and openapi.json. Prints errors and
// fails if there are any. The XML must match OASIS' own schema and, converted
// by OASIS' converter, equal the JSON; the JSON must match its JSON schema;
// OpenAPI must match the schema of OpenAPI 3.0.
import assert from 'node:assert';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

// Resolves packages from the current folder.
const require = createRequire(join(process.cwd(), 'here'));
const Ajv = require('ajv');
const { xml2json } = require('odata-csdl');
const { Validator } = await import(
    require.resolve('@seriousme/openapi-schema-validator'));
const schemas = join(dirname(require.resolve('odata-csdl')), '../schemas');

const folder = process.argv[2];
const text = (name) => readFileSync(join(folder, name), 'utf8');
const xml = text('metadata.xml');
const json = JSON.parse(text('metadata.json'));

const checks = {
    'metadata.xml is valid': () =>
        execFileSync('xmllint', ['--nonet', '--noout', '--schema',
            join(schemas, 'edmx.xsd'), join(folder, 'metadata.xml')],
            { stdio: 'pipe' }),
    'metadata.json is valid': () => {
        const ajv = new Ajv({ strict: false, allErrors: true });
        const schema = require(join(schemas, 'csdl.schema.json'));
        assert(ajv.validate(schema, json), ajv.errorsText());
    },
    'metadata.xml and metadata.json are equivalent': () => {
        const messages = [];
        const converted = xml2json(xml, { strict: true, messages });
        assert.deepStrictEqual(messages, []);
        assert.deepStrictEqual(json, converted);
    },
    'openapi.json is valid': async () => {
        const result = await new Validator().validate(
            JSON.parse(text('openapi.json')));
        assert(result.valid, JSON.stringify(result.errors));
        assert.strictEqual(JSON.parse(text('openapi.json')).openapi, '3.0.3');
    },
};

for (const [name, check] of Object.entries(checks)) {
    try {
        await check();
    } catch (error) {
        process.exitCode = 1;
        console.log(`${name}: ${error.stderr ?? ''}${error.message}`);
    }
}
