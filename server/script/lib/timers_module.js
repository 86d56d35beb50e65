'use strict';
module.exports = builtin('timers').timers;
