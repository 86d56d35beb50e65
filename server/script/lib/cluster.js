'use strict';
// Module "cluster": each process of --workers is a worker, which runs the program. So one that makes
// its workers itself, where it is none, runs unchanged.

const EventEmitter = builtin('events');
const number = native.worker();
const isWorker = number !== undefined;
const cluster = module.exports = new EventEmitter();

function refuse() {
    throw new Error('siobroker makes the processes of a cluster itself: start it with --workers N');
}

Object.assign(cluster, {isWorker, isMaster: !isWorker, isPrimary: !isWorker, workers: {},
    settings: {}, SCHED_NONE: 1, SCHED_RR: 2, schedulingPolicy: 1, fork: refuse, setupMaster() {},
    setupPrimary() {}});
if (isWorker)
    cluster.worker = Object.assign(new EventEmitter(), {id: number + 1, process,
        isConnected: () => true, isDead: () => false, send: refuseToSend});

function refuseToSend() {
    throw new Error('Workers of siobroker say nothing to a master: io.serverSideEmit() tells the ' +
        'other workers something');
}
