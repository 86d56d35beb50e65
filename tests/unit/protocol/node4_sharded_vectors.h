/*
 * tests/unit/protocol/node4_sharded_vectors.h - what servers of socket.io 4 with the sharded
 * adapter were heard to publish: the numbers are those of spec/socketio-ecosystem.md, 13.
 */
#ifndef SIO_TESTS_UNIT_NODE4_SHARDED_VECTORS_H
#define SIO_TESTS_UNIT_NODE4_SHARDED_VECTORS_H

#include <stdbool.h>

typedef struct {
    int         row;
    bool        is_hex;
    const char *payload;
} node4_sharded_vector;

static const node4_sharded_vector node4_sharded_vectors[] = {
    {83, false,
     "{\"type\":3,\"data\":{\"packet\":{\"type\":2,\"data\":[\"hi\",1,\"\342\202\254\"]},"
     "\"opts\":{\"rooms\":[],\"except\":[],\"flags\":{}}},\"uid\":\"a158c11d8addc90d\",\"n"
     "sp\":\"/\"}"},
    {84, false,
     "{\"type\":3,\"data\":{\"packet\":{\"type\":2,\"data\":[\"hi\",{\"a\":1}]},\"opts\":{"
     "\"rooms\":[\"room1\"],\"except\":[],\"flags\":{}}},\"uid\":\"a158c11d8addc90d\",\"ns"
     "p\":\"/\"}"},
    {85, false,
     "{\"type\":3,\"data\":{\"packet\":{\"type\":2,\"data\":[\"priv\",1]},\"opts\":{\"room"
     "s\":[\"FppTyvzolXxP2NuDAAAA\"],\"except\":[],\"flags\":{}}},\"uid\":\"a158c11d8addc9"
     "0d\",\"nsp\":\"/\"}"},
    {86, true,
     "84a47479706503a46461746182a67061636b657482a47479706502a46461746192a362696ec403010203"
     "a46f70747383a5726f6f6d7390a665786365707490a5666c61677380a3756964b0613135386331316438"
     "61646463393064a36e7370a12f"},
    {87, false,
     "{\"type\":3,\"data\":{\"packet\":{\"type\":2,\"data\":[\"d\",\"1970-01-01T00:00:00.0"
     "00Z\",\"2023-11-14T22:13:20.123Z\",\"1969-12-31T23:59:59.999Z\"]},\"opts\":{\"rooms"
     "\":[],\"except\":[],\"flags\":{}}},\"uid\":\"a158c11d8addc90d\",\"nsp\":\"/\"}"},
    {88, false,
     "{\"type\":3,\"data\":{\"packet\":{\"type\":2,\"data\":[\"withack\",\"x\"]},\"request"
     "Id\":\"85ab8a330b7afe3c\",\"opts\":{\"rooms\":[],\"except\":[],\"flags\":{\"timeout"
     "\":1000}}},\"uid\":\"a158c11d8addc90d\",\"nsp\":\"/\"}"},
    {89, false,
     "{\"type\":11,\"data\":{\"requestId\":\"85ab8a330b7afe3c\",\"clientCount\":1},\"uid\""
     ":\"8f3961b3f7446cdd\",\"nsp\":\"/\"}"},
    {90, false,
     "{\"type\":12,\"data\":{\"requestId\":\"85ab8a330b7afe3c\",\"packet\":\"ack-c2\"},\"u"
     "id\":\"8f3961b3f7446cdd\",\"nsp\":\"/\"}"},
    {91, false,
     "{\"type\":12,\"data\":{\"requestId\":\"f1e3631da05d3c7e\"},\"uid\":\"ddabf48a8592634"
     "d\",\"nsp\":\"/\"}"},
    {92, true,
     "84a4747970650ca46461746182a9726571756573744964b061386464373932383536383132643466a670"
     "61636b6574c4020102a3756964b064646162663438613835393236333464a36e7370a12f"},
    {93, true,
     "84a47479706503a46461746183a67061636b657482a47479706502a46461746192a77769746861636bc4"
     "0101a9726571756573744964b030663235363763393032356535396162a46f70747383a5726f6f6d7390"
     "a665786365707490a5666c61677381a774696d656f7574cd03e8a3756964b06131353863313164386164"
     "6463393064a36e7370a12f"},
    {94, false,
     "{\"type\":7,\"data\":{\"opts\":{\"rooms\":[],\"except\":[],\"flags\":{\"timeout\":77"
     "7}},\"requestId\":\"a2814159a491cb34\"},\"uid\":\"a158c11d8addc90d\",\"nsp\":\"/\"}"},
    {95, false,
     "{\"type\":8,\"data\":{\"requestId\":\"0ec4e2c489d54081\",\"sockets\":[]},\"uid\":\"8"
     "f3961b3f7446cdd\",\"nsp\":\"/\"}"},
    {96, false,
     "{\"type\":4,\"data\":{\"opts\":{\"rooms\":[\"room1\"],\"except\":[],\"flags\":{}},\""
     "rooms\":[\"r9\",\"r8\"]},\"uid\":\"a158c11d8addc90d\",\"nsp\":\"/\"}"},
    {97, false,
     "{\"type\":5,\"data\":{\"opts\":{\"rooms\":[],\"except\":[\"room1\"],\"flags\":{}},\""
     "rooms\":[\"everyone\"]},\"uid\":\"a158c11d8addc90d\",\"nsp\":\"/\"}"},
    {98, false,
     "{\"type\":6,\"data\":{\"opts\":{\"rooms\":[\"FppTyvzolXxP2NuDAAAA\"],\"except\":[],"
     "\"flags\":{}},\"close\":false},\"uid\":\"a158c11d8addc90d\",\"nsp\":\"/\"}"},
    {99, false,
     "{\"type\":9,\"data\":{\"packet\":[\"hello\",\"arg\",{\"a\":1}]},\"uid\":\"a158c11d8a"
     "ddc90d\",\"nsp\":\"/\"}"},
    {100, true,
     "84a47479706509a46461746181a67061636b657492a568656c6c6fc4020102a3756964b0613135386331"
     "31643861646463393064a36e7370a12f"},
    {101, false,
     "{\"type\":9,\"data\":{\"requestId\":\"676c059cc5c184e1\",\"packet\":[\"hello\",\"arg"
     "\"]},\"uid\":\"a158c11d8addc90d\",\"nsp\":\"/\"}"},
    {102, false,
     "{\"type\":10,\"data\":{\"requestId\":\"676c059cc5c184e1\",\"packet\":\"resp-42522\"}"
     ",\"uid\":\"8f3961b3f7446cdd\",\"nsp\":\"/\"}"},
};

#endif
