/*
 * tests/unit/protocol/node4_streams_vectors.h - what servers of socket.io 4 with the streams
 * adapter were heard to say, and an emitter: the numbers are those of spec/socketio-ecosystem.md,
 * 13.
 */
#ifndef SIO_TESTS_UNIT_NODE4_STREAMS_VECTORS_H
#define SIO_TESTS_UNIT_NODE4_STREAMS_VECTORS_H

/* Entries, all of the namespace "/". */
typedef struct {
    int         row;
    const char *uid, *type, *data;
} node4_streams_entry;

static const node4_streams_entry node4_streams_entries[] = {
    {103, "ed61f1e9b81830be", "3",
     "{\"packet\":{\"type\":2,\"data\":[\"hi\",1,\"\342\202\254\"]},\"opts\":{\"rooms\":[]"
     ",\"except\":[],\"flags\":{}}}"},
    {104, "ed61f1e9b81830be", "3",
     "{\"packet\":{\"type\":2,\"data\":[\"hi\",{\"a\":1}]},\"opts\":{\"rooms\":[\"room1\"]"
     ",\"except\":[],\"flags\":{}}}"},
    {105, "ed61f1e9b81830be", "3",
     "{\"packet\":{\"type\":2,\"data\":[\"hi\",null,true,1.5,-1,300,70000]},\"opts\":{\"ro"
     "oms\":[\"room1\",\"room2\"],\"except\":[\"x\"],\"flags\":{\"volatile\":true,\"compre"
     "ss\":false}}}"},
    {106, "ed61f1e9b81830be", "3",
     "gqZwYWNrZXSCpHR5cGUCpGRhdGGSo2JpbsQDAQIDpG9wdHODpXJvb21zkKZleGNlcHSQpWZsYWdzgA=="},
    {107, "ed61f1e9b81830be", "4",
     "{\"opts\":{\"rooms\":[\"room1\"],\"except\":[],\"flags\":{}},\"rooms\":[\"r9\",\"r8"
     "\"]}"},
    {108, "ed61f1e9b81830be", "5",
     "{\"opts\":{\"rooms\":[],\"except\":[],\"flags\":{}},\"rooms\":[\"r8\"]}"},
    {109, "ed61f1e9b81830be", "6",
     "{\"opts\":{\"rooms\":[\"LBGk_PkQrkdeEupdAAAA\"],\"except\":[],\"flags\":{}},\"close"
     "\":false}"},
    {127, "emitter", "3",
     "{\"packet\":{\"type\":2,\"data\":[\"hi\",1,\"\342\202\254\"],\"nsp\":\"/\"},\"opts\""
     ":{\"rooms\":[],\"flags\":{},\"except\":[]}}"},
    {128, "emitter", "3",
     "gqZwYWNrZXSDpHR5cGUCpGRhdGGSo2JpbsQDAQIDo25zcKEvpG9wdHODpXJvb21zkKVmbGFnc4CmZXhjZXB0"
     "kA=="},
};

/* Messages in MessagePack, as hexadecimal digits. */
typedef struct {
    int         row;
    const char *hex;
} node4_streams_message;

static const node4_streams_message node4_streams_messages[] = {
    {110, "84a47479706507a46461746182a46f70747383a5726f6f6d7391a5726f6f6d31a665786365707490a566"
          "6c61677380a9726571756573744964b066373036333533373039633331343135a3756964b06564363166"
          "3165396238313833306265a36e7370a12f"},
    {111, "84a47479706508a46461746182a9726571756573744964b036366231393265376439303839373233a773"
          "6f636b65747390a3756964b032353864366164633838343664616130a36e7370a12f"},
    {112, "84a47479706503a46461746183a67061636b657482a47479706502a46461746192a77769746861636ba1"
          "78a9726571756573744964b038383562353338306435303666646230a46f70747383a5726f6f6d7390a6"
          "65786365707490a5666c61677381a774696d656f7574cd03e8a3756964b0656436316631653962383138"
          "33306265a36e7370a12f"},
    {113, "84a4747970650ba46461746182a9726571756573744964b038383562353338306435303666646230ab63"
          "6c69656e74436f756e7401a3756964b032353864366164633838343664616130a36e7370a12f"},
    {114, "84a4747970650ca46461746182a9726571756573744964b038383562353338306435303666646230a670"
          "61636b6574a661636b2d6332a3756964b032353864366164633838343664616130a36e7370a12f"},
    {115, "84a4747970650ca46461746182a9726571756573744964b030323764376362383039646666306430a670"
          "61636b6574c0a3756964b034396662323566363665643264323363a36e7370a12f"},
    {116, "84a47479706509a46461746181a67061636b657493a568656c6c6fa361726781a16101a3756964b06564"
          "3631663165396238313833306265a36e7370a12f"},
    {117, "84a47479706509a46461746182a9726571756573744964b063326636356363323031393862383037a670"
          "61636b657492a568656c6c6fa3617267a3756964b065643631663165396238313833306265a36e7370a1"
          "2f"},
    {118, "84a4747970650aa46461746182a9726571756573744964b063326636356363323031393862383037a670"
          "61636b6574aa726573702d3432353232a3756964b032353864366164633838343664616130a36e7370a1"
          "2f"},
};

#endif
