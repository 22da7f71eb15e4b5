// SPDX-License-Identifier: Apache-2.0
// Checks what describes the service, with the means of others:
//
//   node description.mjs FOLDER
//
// FOLDER has metadata.xml, metadata.json and openapi.json. Prints what is wrong
// and then fails. The XML is checked against OASIS' own schema, the JSON against
// its JSON schema, and made of the XML by OASIS' converter it must be the same;
// OpenAPI against the schema of OpenAPI 3.0.
import assert from 'node:assert';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

// Packages are where the current folder has them.
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
    'metadata.xml and metadata.json say the same': () => {
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
