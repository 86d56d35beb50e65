'use strict';
// Module "@socket.io/cluster-adapter": the workers of siobroker are one server in any case.

exports.createAdapter = () => ({});
exports.setupPrimary = exports.setupMaster = () => {};
