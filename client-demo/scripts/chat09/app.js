/*
 * client-demo/scripts/chat09/app.js - a chat in the style of socket.io 0.9 and express 3.
 *
 *     siobroker client-demo/scripts/chat09/app.js [PORT]
 */

var express = require('express')
  , http = require('http')
  , sio = require('socket.io');

var app = express()
  , server = http.createServer(app)
  , io = sio.listen(server)
  , nicknames = {};

app.use(express.static(__dirname));

server.listen(process.argv[2] || 3000, function () {
  console.log('open http://127.0.0.1:' + server.address().port + '/');
});

io.sockets.on('connection', function (socket) {
  socket.on('nickname', function (nick, fn) {
    if (typeof nick != 'string' || nick === '' || nicknames.hasOwnProperty(nick))
      return fn(true);
    fn(false);
    nicknames[nick] = nick;
    socket.nickname = nick;
    socket.broadcast.emit('announcement', nick + ' connected');
    io.sockets.emit('nicknames', Object.keys(nicknames));
  });

  socket.on('user message', function (text) {
    socket.broadcast.emit('user message', socket.nickname, text);
  });

  socket.on('disconnect', function () {
    if (!socket.nickname)
      return;
    delete nicknames[socket.nickname];
    socket.broadcast.emit('announcement', socket.nickname + ' disconnected');
    socket.broadcast.emit('nicknames', Object.keys(nicknames));
  });
});
