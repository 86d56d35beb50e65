'use strict';
/*
 * works.js - what is measured: a run of the load generator each, and the figures to take from it.
 *
 * args            of the load generator; `quick` are other ones for a quick look, or false: left
 *                 out then, as are figures with that
 * instances       how many of the server; `relay`: receivers at the second; `nginx`: through one
 * for(c)          which contestants can do it
 * figures         title, unit, value(result); `best` is 'most' where more is better
 */

const always = () => true;
const cpu = (title) => ({ title, unit: 'us of CPU', digits: 2,
    value: ({ cpu_per_operation: us }) => us });

function work(key, args, figures, options = {}) {
    return { key, args, figures, instances: 1, for: always, ...options };
}

const HEARTBEAT_S = 5;
const beating = { 'heartbeat interval': HEARTBEAT_S, 'heartbeat timeout': 60, 'close timeout': 60,
    pingInterval: 1000 * HEARTBEAT_S, pingTimeout: 20000 };

const WORKS = [
    work('echo64', ['echo', '--connections', 100],
        [cpu('echo, 100 connections, 64 B')]),
    work('echo1k', ['echo', '--connections', 100, '--bytes', 1024],
        [cpu('echo, 100 connections, 1 KiB')], { quick: false }),
    work('echo4', ['echo', '--connections', 1000, '--outstanding', 4],
        [cpu('echo, 1,000 connections, 4 under way')]),
    work('deliver1', ['fan-out', '--connections', 1000],
        [cpu('delivery, 1,000 receivers, 1 under way')]),
    work('deliver4', ['fan-out', '--connections', 1000, '--outstanding', 4],
        [cpu('delivery, 1,000 receivers, 4 under way')]),
    work('deliver5k', ['fan-out', '--connections', 5000, '--outstanding', 4],
        [cpu('delivery, 5,000 receivers, 4 under way')], { quick: false }),
    work('connect', ['connect', '--connections', 5000],
        [{ ...cpu('new connection'), digits: 1 },
            { title: 'new connections a second', unit: '', best: 'most', digits: 0,
                value: ({ per_second: n }) => n }],
        { quick: ['connect', '--connections', 1000] }),
    work('idle', ['idle', '--connections', 10000, '--seconds', 2 * HEARTBEAT_S],
        [{ title: 'idle connection, resident', unit: 'B', digits: 0,
            value: ({ rss_per_connection: n }) => n },
        { title: `the same, a second with a heartbeat each ${HEARTBEAT_S} s`, unit: 'us of CPU',
            digits: 2, quick: false, for: ({ beats }) => beats,
            value: ({ cpu_per_operation: us }) => us }],
        { config: beating, quick: ['idle', '--connections', 1000, '--seconds', 0.5] }),
    work('polling', ['echo', '--connections', 100],
        [cpu('echo by xhr-polling')],
        { for: ({ polling }) => polling, client: ({ polling }) => polling }),
    work('relay20', ['relay', '--connections', 1000, '--rate', 20],
        [cpu('relay, 20/s to 1,000 receivers, both instances')],
        { instances: 2, relay: true, for: ({ clusters }) => clusters }),
    work('relay', ['relay', '--connections', 1000, '--outstanding', 16],
        [{ title: 'relay at full speed, deliveries a second', unit: '', best: 'most', digits: 0,
            value: ({ per_second: n }) => n }],
        { instances: 2, relay: true, for: ({ clusters }) => clusters, quick: false }),
    work('nginx', ['connect', '--connections', 1000],
        [{ title: 'new connection through nginx, 2 instances, p50', unit: 'ms', digits: 2,
            value: ({ latency: { p50 } }) => p50 / 1000 },
        { title: 'failed of 1,000', unit: '', digits: 0, value: ({ failed }) => failed }],
        { instances: 2, nginx: true, quick: false, for: ({ running }) => !running }),
];

module.exports = { WORKS };
