'use strict';
/*
 * node4-said.js - what servers and emitters of other languages and times were heard to publish, and
 * what may do harm, by the numbers of spec/socketio-ecosystem.md, 13.
 */

/* [who, channel, payload, the event that clients get] */
const SAID = [
    ['3.1.0 (msgpack-lite) (66)', 'socket.io#/#',
        '93a651587061563183a47479706502a46461746193a2686901a3e282aca36e7370a12f82a5726f6f6d73' +
        'c0a5666c616773c0',
        ['hi', 1, '€']],
    ['3.1.0 (67)', 'socket.io#/#',
        '93a651587061563183a47479706502a46461746192a164c7090dcb4278bcfe5687b000a36e7370a12f82' +
        'a5726f6f6d73c0a5666c616773c0',
        ['d', '2023-11-14T22:13:20.123Z']],
    ['2.0.1 (msgpack-js) (68)', 'socket.io#/#',
        '93a6416b526d684683a47479706502a46461746193a2686901a3e282aca36e7370a12f82a5726f6f6d73' +
        'c4a5666c616773c4',
        ['hi', 1, '€']],
    ['2.0.1 (69)', 'socket.io#/#',
        '93a6416b526d684683a47479706505a46461746192a362696ed80003010203a36e7370a12f82a5726f6f' +
        '6d73c4a5666c616773c4',
        ['bin', Buffer.from('010203', 'hex')]],
    ['0.1.4 (71)', 'socket.io#Oh6ZcA',
        '9283a47479706502a46461746193a2686901a3e282aca36e7370a12f82a5726f6f6d73c4a5666c616773' +
        'c4',
        ['hi', 1, '€']],
    ['socket.io-emitter 3.2.0 (74)', 'socket.io#/#',
        '93a7656d697474657283a47479706502a46461746192a176cb3ff8000000000000a36e7370a12f82a572' +
        '6f6f6d7390a5666c61677381a8766f6c6174696c65c3',
        ['v', 1.5]],
    ['socket.io-emitter 3.2.0 (75)', 'socket.io#/#',
        '93a7656d697474657283a47479706502a46461746191a162a36e7370a12f82a5726f6f6d7390a5666c61' +
        '677382a962726f616463617374c3a46a736f6ec3',
        ['b']],
    ['Ruby 1.0.0 (77)', 'socket.io#/#',
        '93a7656d697474657283a47479706505a46461746192a362696ec40201ffa36e7370a12f82a5726f6f6d' +
        '7390a5666c61677380',
        ['bin', Buffer.from('01ff', 'hex')]],
    ['Python 0.1.5.1 (78)', 'socket.io#/#',
        '93a7656d697474657283a46461746193a2686901a3e282aca47479706502a36e7370a12f82a5666c6167' +
        '73a0a5726f6f6d73a0',
        ['hi', 1, '€']],
    ['PHP 0.7.0 (80)', 'socket.io#emitter',
        '9283a47479706505a46461746192a362696ed80028010101010101010101010101010101010101010101' +
        '01010101010101010101010101010101010101a36e7370a12f82a5726f6f6d7390a5666c61677381a662' +
        '696e617279c3',
        ['bin', Buffer.alloc(40, 1)]],
];

/* Of the channel of events: [what is wrong, payload]. Most of it ends servers of Node. */
const HARMFUL = [
    ['empty',
        ''],
    ['text',
        '68656c6c6f'],
    ['JSON text',
        '7b2261223a317d'],
    ['cut short',
        '93a7656d697474657283a47479706502a46461746192a2657601a36e7370a12f83a5726f6f6d7390a665' +
        '786365707490a5666c61'],
    ['one byte too many',
        '93a7656d697474657283a47479706502a46461746192a2657601a36e7370a12f83a5726f6f6d7390a665' +
        '786365707490a5666c6167738000'],
    ['map',
        '81a3756964a178'],
    ['nil',
        'c0'],
    ['reserved byte',
        'c1'],
    ['huge array',
        'dd7fffffff'],
    ['huge map',
        'dfffffffff'],
    ['huge text',
        'dbffffffff6162'],
    ['no opts',
        '92a7656d697474657283a47479706502a46461746192a2657601a36e7370a12f'],
    ['opts nil',
        '93a16583a47479706502a46461746192a2657601a36e7370a12fc0'],
    ['opts text',
        '93a16583a47479706502a46461746192a2657601a36e7370a12fa178'],
    ['rooms a number',
        '93a16583a47479706502a46461746192a2657601a36e7370a12f81a5726f6f6d7305'],
    ['except a number',
        '93a16583a47479706502a46461746192a2657601a36e7370a12f82a5726f6f6d7390a665786365707405'],
    ['packet a text',
        '93a165a17880'],
    ['passed through a UTF-8 text',
        'efbfbdefbfbd656d6974746572efbfbdefbfbd7479706502efbfbd64617461efbfbdefbfbd657601efbf' +
        'bd6e7370efbfbd2fefbfbdefbfbd726f6f6d73efbfbdefbfbd657863657074efbfbdefbfbd666c616773' +
        'efbfbd'],
    ['no type',
        '93a16582a46461746192a2657601a36e7370a12f81a5726f6f6d7390'],
    ['type 99',
        '93a16583a47479706563a46461746192a2657601a36e7370a12f81a5726f6f6d7390'],
    ['type 1',
        '93a16582a47479706501a36e7370a12f81a5726f6f6d7390'],
    ['no data',
        '93a16582a47479706502a36e7370a12f81a5726f6f6d7390'],
    ['no event',
        '93a16583a47479706502a46461746190a36e7370a12f81a5726f6f6d7390'],
    ['event is a number',
        '93a16583a47479706502a464617461920506a36e7370a12f81a5726f6f6d7390'],
    ['reserved event',
        '93a16583a47479706502a46461746192a7636f6e6e65637401a36e7370a12f81a5726f6f6d7390'],
    ['nested', '91'.repeat(3000) + 'c0'],
];

module.exports = { SAID, HARMFUL };
