'use strict';
/*
 * python.js - servers of the real python-socketio, and programs that write to them, beside ours on
 * one Redis: python_member.py, with the package that Debian ships.
 */

const path = require('node:path');
const { eventually } = require('./deadline.js');
const { Program } = require('./program.js');
const { startBroker } = require('./server.js');
const { startRedis } = require('./services.js');

const PYTHON = '/usr/bin/python3';          /* which finds Debian's packages */
const MEMBER = path.join(__dirname, 'python_member.py');

/* Modules of another version, for tests by hand: see python_member.py. */
const FOLDER = process.env.PYTHON_SOCKETIO ? [process.env.PYTHON_SOCKETIO] : [];

class PythonMember {
    /* role: "server" or "writer"; form: "json" or "pickle". */
    static async start(redis, role, form = 'json') {
        const member = new PythonMember();
        member.program = new Program(PYTHON, [MEMBER, redis.url, role, form, ...FOLDER],
            { stdio: ['pipe', 'pipe', 'pipe'] });
        await eventually(() => member.said.length > 0 || member.program.status !== null,
            'python-socketio is there');
        if (member.said.length === 0)
            throw new Error(member.program.tail());
        [{ port: member.port, can_enter: member.canEnter }] = member.said;
        return member;
    }

    /* What it has told so far. */
    get said() {
        return this.program.stdout.split('\n').slice(0, -1).map((line) => JSON.parse(line));
    }

    /* Let its manager do that. */
    call(method, named) {
        this.program.child.stdin.write(`${JSON.stringify([method, named])}\n`);
    }

    async stop() {
        await this.program.stop('SIGKILL');     /* it waits for its polls otherwise */
    }
}

/* A server in Python, a program that writes, and `ours` instances of the contract application. */
class BesidePython {
    static async start({ ours = 1, form = 'json', args = [], config } = {}) {
        const beside = new BesidePython();
        beside.redis = await startRedis();
        beside.server = await PythonMember.start(beside.redis, 'server', form);
        beside.writer = await PythonMember.start(beside.redis, 'writer', form);
        beside.ours = await Promise.all(Array.from({ length: ours }, (_, i) => startBroker({
            contract: true, config: { name: `Ours${i + 1}`, ...config },
            args: ['--redis', beside.redis.url, '--dialect', 'python-socketio', '--reach',
                ...args] })));
        [beside.our] = beside.ours;
        await eventually(async () => await beside.listeners() === 1 + ours, 'the subscriptions');
        return beside;
    }

    async listeners() {
        const reply = await this.redis.command('PUBSUB', 'NUMSUB', 'socketio');
        return Number(reply.split('\n')[1]);
    }

    /* Let somebody say that: an object, or a text. */
    publish(message) {
        const text = typeof message === 'string' ? message : JSON.stringify(message);
        return this.redis.command('PUBLISH', 'socketio', text);
    }

    async stop() {
        await Promise.all(this.ours.map((broker) => broker.stop()));
        await Promise.all([this.server, this.writer].map((member) => member.stop()));
        await this.redis.stop();
    }
}

module.exports = { BesidePython, PythonMember };
