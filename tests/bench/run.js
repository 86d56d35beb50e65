'use strict';
/*
 * run.js - "make bench": our server, the real ones, and a bare epoll server for a yardstick, all
 * with the contract application, under the load generator (build/bench/load). Rounds of all take
 * turns, so that a busy machine slows all alike; each measurement has a server that was just
 * started.
 */

const fs = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { CONTESTANTS, ROOT, choose, parse } = require('./lib/contestants.js');
const { measure, pinSelf } = require('./lib/measure.js');
const { makeRows, picture, table } = require('./lib/report.js');
const { WORKS } = require('./lib/works.js');

const HELP = `node tests/bench/run.js [OPTION]...      (make bench ARGS="...")

  --quick              one short round of the most important works: a rough look
  --rounds N           default 5
  --seconds S          that are measured in each, default 2
  --warmup S           before, default 1.5
  --works A,B          only these: ${WORKS.map(({ key }) => key).join(' ')}
  --servers A,B        only these: ${Object.keys(CONTESTANTS).join(' ')}
  --server NAME=X      compare others, the first one being the yardstick. X is a command that knows
                       --port --name --redis --config as siobroker does, settings of siobroker as
                       JSON ({...}), or PORT[@PID,...] of a server that runs; may be given again
  --client KIND        for those: websocket (default), xhr-polling, eio3, eio4
  --output FOLDER      for table.txt, picture.svg and results.json, default build/bench
  --help
`;

function readOptions() {
    const text = (value) => ({ type: 'string', default: value });
    const { values } = parseArgs({ options: {
        quick: { type: 'boolean' }, help: { type: 'boolean' }, rounds: text(), seconds: text(),
        warmup: text(), works: text(), servers: text(Object.keys(CONTESTANTS).join(',')),
        server: { type: 'string', multiple: true, default: [] }, client: text('websocket'),
        output: text(path.join(ROOT, 'build/bench')),
    } });
    return { ...values,
        rounds: Number(values.rounds || (values.quick ? 1 : 5)),
        timing: ['--seconds', values.seconds || (values.quick ? 0.4 : 2),
            '--warmup', values.warmup || (values.quick ? 0.5 : 1.5)] };
}

/* The ones named, each once; an unknown name is an error. */
function named(list, known) {
    const names = list.split(',');
    const stranger = names.find((name) => !known.includes(name));
    if (stranger !== undefined)
        throw new Error(`"${stranger}" is none of: ${known.join(' ')}`);
    return known.filter((name) => names.includes(name));
}

function chooseWorks({ works, quick }) {
    const keys = works && named(works, WORKS.map(({ key }) => key));
    return WORKS.filter((work) => (keys ? keys.includes(work.key) : !quick || work.quick !== false))
        .map((work) => ({ ...work, args: (quick && work.quick) || work.args,
            figures: work.figures.filter((figure) => !quick || figure.quick !== false) }));
}

const FAULTS = ['lost', 'doubled', 'reordered', 'damaged', 'disconnected'];

/* What a measurement has to say beside its figures. */
function faultsOf(result) {
    return FAULTS.filter((fault) => result[fault] > 0)
        .map((fault) => `${result[fault]} ${fault}`).join(', ');
}

class Bench {
    constructor(options) {
        this.options = options;
        this.works = chooseWorks(options);
        this.contestants = options.server.length > 0 ? parse(options.server, options.client)
            : choose(named(options.servers, Object.keys(CONTESTANTS)));
        this.results = Object.fromEntries(this.works.map(({ key }) => [key, {}]));
        this.remarks = new Set();
    }

    canDo(contestant, work) {
        return work.for(contestant) && !(contestant.running && work.instances > 1);
    }

    async one(contestant, work) {
        const list = this.results[work.key][contestant.name] ||= [];
        try {
            const result = await measure(contestant, work, work.args, this.options.timing);
            const faults = faultsOf(result);
            list.push(result);
            if (faults)
                this.remarks.add(`${contestant.title}, ${work.key}: ${faults}`);
        } catch (error) {
            list.push(null);
            this.remarks.add(`${contestant.title}, ${work.key}: ${error.message.split('\n')[0]}`);
        }
    }

    async run() {
        for (let round = 1; round <= this.options.rounds; round++) {
            for (const work of this.works) {
                for (const contestant of this.contestants.filter((c) => this.canDo(c, work))) {
                    process.stderr.write(`round ${round} of ${this.options.rounds}: ${work.key}, ` +
                        `${contestant.title}\n`);
                    await this.one(contestant, work);
                }
            }
        }
    }

    report() {
        const rows = makeRows(this.works, this.contestants, this.results);
        const bases = [...new Set(this.contestants.map(({ base }) => base))];
        const text = [table(rows, this.contestants), '',
            `Median (lowest) of ${this.options.rounds} rounds, and the median of the ratios to ` +
            `the same work of ${bases.join(' or ')}. ` +
            'CPU is that of the server.', ...this.remarks, ''].join('\n');
        const { output } = this.options;
        fs.mkdirSync(output, { recursive: true });
        fs.writeFileSync(path.join(output, 'table.txt'), text);
        fs.writeFileSync(path.join(output, 'picture.svg'), picture(rows, this.contestants));
        fs.writeFileSync(path.join(output, 'results.json'), JSON.stringify(this.results, null, 1));
        process.stdout.write(text);
    }
}

async function main() {
    const options = readOptions();
    if (options.help) {
        process.stdout.write(HELP);
        return;
    }
    /* What tests/lib starts does not keep us running. */
    const awake = setInterval(() => {}, 1000);
    try {
        const bench = new Bench(options);
        pinSelf();
        await bench.run();
        bench.report();
    } finally {
        clearInterval(awake);
    }
}

main().catch((error) => {
    process.stderr.write(`bench: ${error.message}\n`);
    process.exitCode = 1;
});
