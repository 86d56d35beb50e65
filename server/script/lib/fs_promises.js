'use strict';
module.exports = builtin('fs').promises;
