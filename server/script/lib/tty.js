'use strict';
// Module "tty": nothing here is a terminal.

exports.isatty = () => false;
