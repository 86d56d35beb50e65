'use strict';
/*
 * lws.test.js - what depends on the sockets, once more with libwebsockets to watch them: the
 * setting "carrier". The other tests have the default.
 */

process.env.CARRIER = 'lws';

require('./http.test.js');
require('./unread.test.js');
require('./websocket-frames.test.js');
