'use strict';
/*
 * Text of the real clients of 1.x and 2.x, of which some encode it twice (protocol/eio3_text.h): it
 * arrives as it was meant, above all when it looks as if it had been encoded twice already.
 */

const assert = require('node:assert');
const { test, describe, before, after } = require('node:test');
const { MODERN, VERSIONS, WAYS, connect, isSecretive, leave, leaveAll } =
    require('../lib/modern.js');
const { BETTER, NEEDS_CONTRACT, startBroker } = require('../lib/server.js');

const DAMAGED = ['20 Â°C', 'cafÃ©', 'Ã©'];
/* The same with a control that no ordinary text has: not what to begin with, unless it is known. */
const CONTROL = 'Ã\u0080';
const isKnown = (version, way) => way === 'upgrade' && !VERSIONS[version].oldFrames;

for (const version of MODERN.filter((each) => VERSIONS[each].engine === 3)) {
    for (const way of Object.keys(WAYS)) {
        describe(`${version} by ${way}`, BETTER.skip ? BETTER : NEEDS_CONTRACT, () => {
            let broker;
            before(async () => { broker = await startBroker({ contract: true }); });
            after(async () => {
                leaveAll();
                await broker.stop();
            });

            async function assertEchoes(client, text, expected = text) {
                const echoed = client.next('echo');
                client.emit('echo', text);
                assert.deepStrictEqual(await echoed, [expected]);
            }

            for (const first of isKnown(version, way) ? [...DAMAGED, CONTROL] : DAMAGED) {
                test(`"${first}", first of all`, async () => {
                    const client = await connect(broker.port, { version, way });
                    for (const text of [first, ...DAMAGED, 'À', 'café', '€', CONTROL])
                        await assertEchoes(client, text);
                    leave(client);
                });
            }

            test('text of which nothing shows how it is encoded', async () => {
                const client = await connect(broker.port, { version, way });
                if (isSecretive(version, way))
                    await assertEchoes(client, 'café', 'cafÃ©');
                else
                    await assertEchoes(client, 'café');
                for (const text of ['Àé', 'café', '20 Â°C'])
                    await assertEchoes(client, text);
                leave(client);
            });
        });
    }
}
