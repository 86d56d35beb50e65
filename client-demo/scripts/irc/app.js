/*
 * client-demo/scripts/irc/app.js - lines of a channel on a page, as servers of socket.io 0.9 were
 * written: one handler for all pages, and no library.
 *
 *     siobroker client-demo/scripts/irc/app.js [PORT]
 *     curl --data 'ann: hello' http://127.0.0.1:3000/channel     # what a bot in the channel does
 */

var http = require('http')
  , fs = require('fs')
  , last = []; // the lines that somebody who comes later is shown

var app = http.createServer(function (req, res) {
  if (req.method === 'POST' && req.url === '/channel')
    return takeLine(req, res);
  if (req.url !== '/') {
    res.writeHead(404, {'Content-Type': 'text/plain'});
    return res.end('not here\n');
  }
  fs.readFile(__dirname + '/index.html', function (err, page) {
    if (err) {
      res.writeHead(500);
      return res.end('the page can not be read');
    }
    res.writeHead(200, {'Content-Type': 'text/html; charset=utf-8'});
    res.end(page);
  });
});

var io = require('socket.io').listen(app);

function takeLine(req, res) {
  var line = '';

  req.setEncoding('utf8');
  req.on('data', function (part) { line += part; });
  req.on('end', function () {
    last = last.slice(-19).concat(line);
    io.sockets.volatile.emit('line', line);
    res.writeHead(204);
    res.end();
  });
}

io.sockets.on('connection', function (socket) {
  socket.emit('lines', last);
  io.sockets.emit('watching', io.sockets.clients().length);
  socket.on('disconnect', function () {
    io.sockets.emit('watching', io.sockets.clients().length);
  });
});

app.listen(process.argv[2] || 3000);
