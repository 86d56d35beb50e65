'use strict';
// multi() of a client of Redis: commands that are sent together, in a transaction or not.

const {answerOf, extraWords, flatten, withPrefix, wordsOf} = builtin('redis_commands');

class Multi {
    constructor(client, commands = [], isTransaction) {
        this.client = client;
        this.isTransaction = isTransaction;
        this.list = [];
        const proxy = new Proxy(this, {get: (self, name, receiver) => name in self ||
            typeof name !== 'string' || name === 'then' ? Reflect.get(self, name, receiver)
            : (...args) => { self.add(name, args); return receiver; }});

        for (const [name, ...args] of Array.isArray(commands) ? commands : [])
            this.add(name, args);
        return proxy;
    }
    add(method, args) {
        const name = wordsOf(method);
        const fn = typeof args[args.length - 1] === 'function' ? args.pop() : undefined;
        const words = withPrefix(this.client.prefix,
            [...name, ...flatten(name[0], args), ...extraWords(method)]);

        this.list.push({method, name, words, fn});
    }
    exec(fn) {
        return this.client.answered(fn, (done) => this.isTransaction ? this.transact(done)
            : this.send(done));
    }
    execAsPipeline(fn) {
        this.isTransaction = false;
        return this.exec(fn);
    }
    transact(done) {
        const {connection} = this.client;
        const errors = [];

        connection.send(['MULTI'], () => {});
        for (const {words} of this.list)
            connection.send(words, (error) => error && errors.push(error));
        connection.send(['EXEC'], (error, answers) => {
            if (error)
                done(Object.assign(error, {name: 'ReplyError', errors}));
            else
                this.give(answers, done);
        });
    }
    send(done) {
        const answers = [];

        if (this.list.length === 0)
            done(null, []);
        this.list.forEach(({words}, i) => this.client.connection.send(words, (error, answer) => {
            answers[i] = error || answer;
            if (i === this.list.length - 1)
                this.give(answers, done);
        }));
    }
    give(answers, done) {
        const {style} = this.client;
        const given = answers && answers.map((answer, i) =>
            answerOf(style, this.list[i].method, this.list[i].name, answer));

        (given || []).forEach((one, i) => this.list[i].fn && this.list[i].fn(
            one instanceof Error ? one : null, one instanceof Error ? undefined : one));
        done(null, given && style === 'io' ? given.map((one) => one instanceof Error
            ? [one, undefined] : [null, one]) : given);
    }
}

exports.Multi = Multi;
