'use strict';
// io.of(RegExp or function): namespaces that are made as clients ask for them.

const {Namespace} = builtin('socketio_namespace');

const parents = [];
let n = 0;

// Of a name that the script itself asks for.
exports.parentOf = (key) => parents.find(({pattern}) => pattern && pattern.test(key));

class Parent extends Namespace {
    constructor(server, wanted, child) {
        super(server, `/_${n++}`);
        this.pattern = wanted instanceof RegExp ? wanted : null;
        this.wanted = this.pattern ? (name, auth, next) => next(null, this.pattern.test(name))
            : wanted;
        this.children = new Set();
        this.undecided = new Map(); // by name: promises of functions that take their time
        this.child = child; // a function that finds one by its name, or makes it
        native.ofMatch((name, auth) => this.isWanted(name, JSON.parse(auth)),
            (...args) => this.decide(...args));
        parents.push(this);
    }
    // C asks about each name that no namespace has, and wants to know at once. A function that says
    // so later is waited for in decide().
    isWanted(name, auth) {
        let verdict, told;

        this.wanted(name, auth, function (error, isWanted) {
            verdict = !error && Boolean(isWanted);
            if (told)
                told(verdict);
        });
        if (verdict !== undefined)
            return verdict;
        this.undecided.set(name, new Promise((resolve) => { told = resolve; })
            .finally(() => this.undecided.delete(name)));
        return true;
    }
    decide(decision, handshake, auth, id, name) {
        const go = (isWanted) => {
            if (isWanted)
                this.child(name, this).onDecision(decision, handshake, auth, id);
            else
                decision.decide(1, 'Invalid namespace');
        };
        const undecided = this.undecided.get(name);

        if (undecided === undefined)
            go(true);
        else
            undecided.then(go);
    }
    // A new one has what its parent has so far.
    adopt(child) {
        child.parent = this;
        child.guards.push(...this.guards);
        for (const name of ['connect', 'connection'])
            for (const fn of this.rawListeners(name))
                child.on(name, fn);
        this.children.add(child);
        return child;
    }
    use(fn) {
        this.guards.push(fn);
        return this;
    }
    emit(name, ...args) {
        for (const child of this.children)
            child.emit(name, ...args);
        return true;
    }
    fetchSockets() {
        throw new Error('fetchSockets() is not supported on parent namespaces');
    }
}

exports.Parent = Parent;
