'use strict';
// Where the program listens: asked for by servers of "http", and by socket.io with a port. There is
// one broker, so each of these ports serves everything.

let asked = []; // {port, host, path, tls: {certificate, key} or undefined, done, failed}

// The words of strerror(), and what Node makes of them.
const FAULTS = {
    'Address already in use': ['EADDRINUSE', -98, 'address already in use'],
    'Permission denied': ['EACCES', -13, 'permission denied'],
    'Cannot assign requested address': ['EADDRNOTAVAIL', -99, 'address not available'],
};

function checkedPort(port) {
    const is = typeof port === 'string' && port.trim() !== '' ? Number(port) : port;

    if (Number.isInteger(is) && is >= 0 && is < 65536)
        return is;
    throw Object.assign(new RangeError('options.port should be >= 0 and < 65536. Received type ' +
        `${typeof port} (${typeof port === 'string' ? `'${port}'` : port}).`),
    {code: 'ERR_SOCKET_BAD_PORT'});
}

// place: {port, host} or {path}, and tls. Exactly one of the functions is called, later.
exports.listen = function (place, done, failed) {
    if (native.isListening())
        throw new Error('This program listens already; here all of its servers begin to do so ' +
            'before the first of them does');
    asked.push({...place, port: place.path ? undefined : checkedPort(place.port), done, failed});
    native.listen();
};

function set(key, value) {
    const why = native.set(key, JSON.stringify(value));

    if (why !== undefined)
        throw new Error(why);
}

function entryOf({port, host, path, tls}) {
    const address = host ? host.includes(':') ? `[${host}]` : host : '*';

    return (path ? 'unix:' + path : `${address}:${port}`) + (tls ? ' tls' : '');
}

// The command line wins.
const isGiven = () => ['port', 'host', 'listen'].some((key) => native.isGiven(key));

// The port of a place that has been asked for, when it is listened on.
exports.portOf = ({port}) => isGiven() || !port ? native.port() : Number(port);

native.hook('beforeListening', function () {
    const [first] = asked;
    const certificates = asked.map(({tls}) => tls).filter(Boolean);

    if (certificates.length > 0 && isGiven())
        throw new Error('--port and --host are for ports without TLS, and this program has a ' +
            'server of https: say its port in the program');
    if (certificates.length > 0)
        set('tls', certificates);
    if (isGiven() && asked.length > 1)
        return;
    if (asked.length === 1 && !first.path && !first.tls) {
        set('port', first.port);
        if (first.host)
            set('host', first.host);
    } else if (asked.length > 0) {
        set('listen', asked.map(entryOf));
    }
});

function faultOf(why, {port, host, path}) {
    const [code, errno, text] = FAULTS[why.slice(why.lastIndexOf(': ') + 2)] || [];
    const address = path || host || '::';

    if (!code)
        return Object.assign(new Error('listen: ' + why), {syscall: 'listen', address, port});
    return Object.assign(new Error(`listen ${code}: ${text} ${address}${path ? '' : ':' + port}`),
        {code, errno, syscall: 'listen', address, port});
}

function taken() {
    const all = asked;

    asked = [];
    return all;
}

native.hook('listening', () => taken().forEach(({done}) => done()));

native.hook('listenFailed', (why) => taken().forEach((one) => one.failed(faultOf(why, one))));
