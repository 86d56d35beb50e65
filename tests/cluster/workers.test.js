'use strict';
/*
 * workers.test.js - the promises of a cluster, once more for the workers of one broker, which have
 * no Redis between them.
 */

process.env.CLUSTER_OF = 'workers';
process.env.CLUSTER_SESSIONS = process.env.CLUSTER_SESSIONS || '8';

require('./roaming.test.js');
