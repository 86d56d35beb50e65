'use strict';
// Module "timers".

module.exports = {...builtin('timers').timers, promises: builtin('timers_promises')};
