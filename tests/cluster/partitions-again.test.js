'use strict';
/*
 * partitions-again.test.js - clients come back to another instance, once more where instances hear
 * only the broadcasts that concern them: its rooms are heard there before anything is missed.
 */

process.env.CLUSTER_OF = 'partitions';

require('./recovery.test.js');
