'use strict';
/*
 * Words of socket.io 0.9, as an application: it runs on the real 0.9.16
 * (tests/lib/reference-words09.js) and as a script of siobroker (words09-script.js), and
 * tests/clients/script09-words.test.js compares them. Each question is answered with what socket.io
 * shows of itself.
 */

function isSame(a, b) { return a === b; }
function kind(value) { return value === null ? 'null' : typeof value; }
function sorted(list) { return list.slice().sort(); }
function masked(text, socket) { return text === socket.id ? '<id>' : text; }

/* Options that tell the same on both; of others only that they can be set. */
var OPTIONS = {
    origins: '*:*', log: true, heartbeats: true, 'log level': 1, 'log colors': false,
    'close timeout': 60, 'heartbeat interval': 25, 'heartbeat timeout': 60, 'polling duration': 20,
    'flash policy port': 10843, 'destroy upgrade': true, 'destroy buffer size': 10E7,
    'browser client': true, 'browser client cache': true, 'browser client minification': true,
    'browser client etag': true, 'browser client gzip': true, 'browser client expires': 315360000,
    'browser client handler': false, 'client store expiration': 15, 'match origin protocol': false,
    'flash policy server': false, resource: '/socket.io', blacklist: ['disconnect', 'forbidden'],
    transports: ['websocket', 'xhr-polling']
};

var questions = {
    identity: function (io, socket) {
        return [typeof socket.id, socket.id.length, socket.namespace === io.sockets,
            socket.namespace.name, io.of('/chat').name, io.of('/chat') === io.of('/chat'),
            socket.manager === io, io.sockets.manager === io, socket.disconnected, socket.readable,
            typeof socket.writable, socket.transport,
            io.sockets.socket(socket.id) === socket, typeof io.sockets.sockets[socket.id]];
    },
    handshake: function (io, socket) {
        var h = socket.handshake;
        return [typeof h.headers.host, typeof h.time, typeof h.issued, h.query.name, typeof h.url,
            h.xdomain, !!h.secure, h.address.address.replace('::ffff:', ''), typeof h.address.port,
            h.user, h.visits, 'auth' in h, socket.handshake === h, io.handshaken[socket.id] === h];
    },
    chains: function (io, socket) {
        return [socket.emit('x') === socket, socket.send('x') === socket,
            socket.json.send({}) === socket, socket.volatile === socket,
            socket.broadcast === socket, socket.to('r') === socket, socket.in('r') === socket,
            socket.emit('to itself all the same', 1) === socket,
            socket.join('r') === socket, socket.leave('r') === socket,
            socket.set('k', 1) === socket, socket.del('k') === socket,
            io.sockets.in('nobody') === io.sockets, io.sockets.except(socket.id) === io.sockets,
            io.sockets.volatile === io.sockets, io.sockets.json === io.sockets,
            io.sockets.emit('nobody hears') === io.sockets, io.set('my own', 5) === io,
            io.enable('a switch') === io, io.disable('b switch') === io,
            io.configure(function () {}) === io, socket.on('y', function () {}) === socket];
    },
    settings: function (io) {
        var heard = [];
        io.on('set:my own', function (value, key) { heard.push([value, key]); });
        io.set('my own', {a: 1});
        io.enable('my own');
        return [io.get('my own'), io.set('my own'), io.enabled('my own'), io.disabled('my own'),
            io.enabled('never set'), io.disabled('never set'), io.get('never set') === undefined,
            heard, kind(io.log.info), kind(io.log.warn), kind(io.log.error), kind(io.log.debug)];
    },
    rooms: function (io, socket) {
        var name = function (id) { return masked(id, socket); };
        var ids = function (list) { return list.map(name); };
        socket.join('a');
        socket.join('b');
        socket.join('a');
        socket.leave('b');
        socket.leave('never');
        var roomClients = io.roomClients[socket.id];
        return [ids(io.sockets.clients('a').map(function (one) { return one.id; })),
            io.sockets.clients('b').length, io.sockets.clients('none').length,
            io.sockets.clients().map(function (one) { return one === socket; }).indexOf(true) >= 0,
            ids(io.rooms['/a']), io.rooms['/b'], roomClients['/a'], roomClients[''],
            sorted(Object.keys(roomClients)).filter(function (room) {
                return room !== '/' + socket.id;
            }), io.connected[socket.id], io.open[socket.id], Object.keys(io.namespaces).sort()];
    },
    store: function (io, socket, done) {
        var heard = [];
        socket.set('text', 'a', function (error) {
            heard.push(['set', error]);
            socket.set('object', {a: [1]}, function () {
                socket.get('text', function (error, value) {
                    heard.push(['get', error, value]);
                    socket.get('object', function (error, value) {
                        heard.push(['get', error, value]);
                        socket.get('none', function (error, value) {
                            heard.push(['get', error, value]);
                            socket.has('text', function (error, is) {
                                heard.push(['has', error, is]);
                                socket.del('text', function (error) {
                                    heard.push(['del', error]);
                                    socket.has('text', function (error, is) {
                                        heard.push(['has', error, is]);
                                        done(heard);
                                    });
                                });
                            });
                        });
                    });
                });
            });
        });
    },
    listeners: function (io, socket) {
        var heard = [];
        function often() { heard.push('often'); }
        socket.once('local', function () { heard.push('once'); });
        socket.on('local', often);
        var counts = [socket.listeners('local').length];
        socket.$emit('local');
        socket.$emit('local');
        counts.push(socket.listeners('local').length);
        socket.removeListener('local', often);
        socket.$emit('local');
        socket.on('more', often);
        socket.removeAllListeners('more');
        socket.$emit('more');
        return [heard, counts, socket.listeners('local').length, socket.listeners('error').length];
    },
    absent: function (io, socket) {
        var nobody = io.sockets.socket('AAAAAAAAAAAAAAAAAAAA');
        nobody.emit('x', 1);
        nobody.send('x');
        return [nobody.id, nobody === socket, kind(nobody.handshake),
            nobody.namespace === io.sockets,
            nobody.emit('x') === nobody];
    },
    errors: function (io, socket) {
        var heard = [];
        socket.$emit('error', 'nobody listens');
        socket.on('error', function (what) { heard.push(what); });
        socket.$emit('error', 'somebody listens');
        return heard;
    }
};

function talk(io, socket, all) {
    socket.on('tell', function (room, other, done) {
        var also = io.sockets.clients(other)[0];
        socket.broadcast.emit('told', 'broadcast');
        socket.broadcast.to(room).emit('told', 'broadcast.to');
        socket.broadcast.in(room).json.emit('told', 'broadcast.in.json');
        socket.to(room).emit('told', 'to without broadcast');
        all.in(room).emit('told', 'in');
        all.to(room).except(socket.id).emit('told', 'to.except');
        all.in('a').in(room).emit('told', 'the last room counts');
        all.in('').emit('told', 'in nothing');
        all.except(socket.id).except(also.id).emit('told', 'except two');
        all.emit('told', 'function', function () {}, undefined, null);
        all.send('a message');
        all.json.send({a: 'message'});
        all.in(room).send('to a room');
        socket.broadcast.send('of others');
        socket.broadcast.json.send(['of', 'others']);
        socket.send('to one');
        socket.json.send([1, {a: null}]);
        socket.send(5);
        socket.emit('error', 'an event');
        socket.emit('connect', 'an event');
        all.socket(also.id).emit('told', 'by its id');
        all.emit('told', 'end');
        done();
    });
    socket.on('tell volatile', function () { all.volatile.emit('told', 'volatile'); });
    socket.on('tell one', function () { socket.volatile.emit('told', 'volatile to one'); });
    socket.on('join', function (room, done) {
        socket.join(room);
        done();
    });
    socket.on('values', function () {
        var args = Array.prototype.slice.call(arguments);
        args.pop().apply(null, args);
    });
    socket.on('twice', function (ack) { ack(1); ack(2); });
    socket.on('ask me', function () {
        socket.emit('question', 1, function (a, b) {
            socket.emit('answered', a, b, this === socket);
        });
    });
    socket.on('send me', function (done) {
        socket.send('acknowledged', function () { socket.emit('arrived', arguments.length); });
        done();
    });
    socket.on('kick', function (name) { io.sockets.clients(name)[0].disconnect(); });
    socket.on('forbidden', function () { io.sockets.emit('heard what is forbidden'); });
    socket.on('message', function (data, ack) {
        socket.emit('got', kind(data), data, kind(ack));
        if (ack)
            ack('for', data);
    });
}

function application(io) {
    Object.keys(OPTIONS).forEach(function (key) { io.set(key, OPTIONS[key]); });
    io.set('authorization', function (data, accept) {
        if (data.query.name === 'Fail')
            return accept(new Error('failed'));
        if (data.query.name === 'Change')
            return accept(null, true, {headers: data.headers, query: {name: 'Changed'},
                address: data.address, user: 'another'});
        data.user = data.query.name + ' of the authorization';
        data.visits = {n: 1};
        return setTimeout(function () { accept(null, data.query.name !== 'Eve'); }, 0);
    });
    io.sockets.on('connection', function (socket) {
        var name = socket.handshake.query.name;
        socket.join(name);
        socket.set('name', name);
        socket.on('options', function (ack) {
            ack(Object.keys(OPTIONS).map(function (key) { return [key, io.get(key)]; }));
        });
        socket.on('query', function (question, ack) {
            var answer = questions[question](io, socket, ack);
            if (answer !== undefined)
                ack(answer);
        });
        socket.on('me', function (ack) {
            ack(socket.handshake.user, socket.handshake.query.name);
        });
        talk(io, socket, io.sockets);
        socket.on('disconnect', function (reason) {
            socket.get('name', function (error, value) {
                io.sockets.emit('gone', value, reason, socket.disconnected, error);
            });
        });
    });
    io.of('/chat').authorization(function (data, accept) {
        data.seenBy = (data.seenBy || 0) + 1;
        accept(null, data.query.name !== 'Bob');
    }).on('connection', function (socket) {
        socket.emit('hello', socket.handshake.user, socket.handshake.seenBy,
            io.sockets.socket(socket.id).handshake === socket.handshake, socket.namespace.name,
            Object.keys(io.roomClients[socket.id]).indexOf('/chat') >= 0);
        socket.on('leave', function () { socket.disconnect(); });
        socket.on('disconnect', function (reason) { io.sockets.emit('left chat', reason); });
    });
    io.configure('never', function () { throw new Error('it is another environment'); });
    io.configure(function () { io.set('configured', this === io); });
    io.of('/chat').on('connection', function (socket) {
        socket.emit('configured', io.get('configured'));
    });
}

module.exports = {application: application, questions: questions};
