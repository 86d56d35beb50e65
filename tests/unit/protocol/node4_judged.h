/*
 * tests/unit/protocol/node4_judged.h - requests and answers of Node as text, by the numbers of
 * spec/socketio-ecosystem.md, 13; and what is to become of payloads that may do harm.
 */
#ifndef SIO_TESTS_UNIT_NODE4_JUDGED_H
#define SIO_TESTS_UNIT_NODE4_JUDGED_H

/* Requests and answers that are text. */
typedef struct {
    const char *row, *channel, *text;
} node4_text_vector;

static const node4_text_vector node4_text_vectors[] = {
    {"21", "socket.io-response#/#", "{\"type\":8,\"requestId\":\"H4Q5VL\",\"clientCount\":1}"},
    {"23", "socket.io-response#/#", "{\"type\":8,\"requestId\":\"a_wsfF\",\"clientCount\":0}"},
    {"30", "socket.io-request#/#",
     "{\"uid\":\"4ona3v\",\"requestId\":\"Aqzkia\",\"type\":5,\"opts\":{\"rooms\":[],\"exc"
     "ept\":[]}}"},
    {"31", "socket.io-response#/#",
     "{\"requestId\":\"Aqzkia\",\"sockets\":[{\"id\":\"fIFJXwlAIqDA__qJAAAA\",\"handshake"
     "\":{\"headers\":{\"sec-websocket-version\":\"13\",\"sec-websocket-key\":\"IP4DcsAjIf"
     "jBAcp+PRz15Q==\",\"connection\":\"Upgrade\",\"upgrade\":\"websocket\",\"sec-websocke"
     "t-extensions\":\"permessage-deflate; client_max_window_bits\",\"host\":\"127.0.0.1:4"
     "2522\"},\"time\":\"Sun Nov 29 2026 21:46:12 GMT+0000 (Coordinated Universal Time)\","
     "\"address\":\"127.0.0.1\",\"xdomain\":false,\"secure\":false,\"issued\":179598877243"
     "0,\"url\":\"/socket.io/?EIO=4&transport=websocket\",\"query\":{\"EIO\":\"4\",\"trans"
     "port\":\"websocket\"},\"auth\":{}},\"rooms\":[\"fIFJXwlAIqDA__qJAAAA\",\"room1\"],\""
     "data\":{\"user\":\"uB\"}}]}"},
    {"32", "socket.io-request#/#",
     "{\"uid\":\"4ona3v\",\"requestId\":\"G8w4MQ\",\"type\":5,\"opts\":{\"rooms\":[\"room1"
     "\"],\"except\":[]}}"},
    {"33", "socket.io-response#/#", "{\"requestId\":\"s-iytZ\",\"sockets\":[]}"},
    {"34", "socket.io-request#/#", "{\"uid\":\"4ona3v\",\"requestId\":\"IhMcyx\",\"type\":1}"},
    {"35", "socket.io-response#/#",
     "{\"requestId\":\"IhMcyx\",\"rooms\":[\"fIFJXwlAIqDA__qJAAAA\",\"room1\",\"rj1\"]}"},
    {"36", "socket.io-request#/#",
     "{\"uid\":\"4ona3v\",\"type\":2,\"opts\":{\"rooms\":[\"room1\"],\"except\":[]},\"room"
     "s\":[\"r9\",\"r8\"]}"},
    {"37", "socket.io-request#/#",
     "{\"uid\":\"4ona3v\",\"type\":3,\"opts\":{\"rooms\":[],\"except\":[\"room1\"]},\"room"
     "s\":[\"everyone\"]}"},
    {"38", "socket.io-request#/#",
     "{\"uid\":\"4ona3v\",\"type\":4,\"opts\":{\"rooms\":[\"nobody\"],\"except\":[]},\"clo"
     "se\":true}"},
    {"39", "socket.io-request#/#",
     "{\"uid\":\"4ona3v\",\"type\":4,\"opts\":{\"rooms\":[\"fIFJXwlAIqDA__qJAAAA\"],\"exce"
     "pt\":[]},\"close\":false}"},
    {"40", "socket.io-request#/#",
     "{\"uid\":\"4ona3v\",\"type\":2,\"opts\":{\"rooms\":[\"fIFJXwlAIqDA__qJAAAA\"],\"exce"
     "pt\":[]},\"rooms\":[\"rj1\"]}"},
    {"41", "socket.io-request#/#",
     "{\"uid\":\"4ona3v\",\"type\":6,\"data\":[\"hello\",\"arg\",{\"a\":1}]}"},
    {"42", "socket.io-request#/#",
     "{\"uid\":\"4ona3v\",\"type\":6,\"data\":[\"hello\",{\"type\":\"Buffer\",\"data\":[1,"
     "2]}]}"},
    {"43", "socket.io-request#/#",
     "{\"uid\":\"4ona3v\",\"requestId\":\"ydtVCR\",\"type\":6,\"data\":[\"hello\",\"arg\"]"
     "}"},
    {"44", "socket.io-response#/#",
     "{\"type\":6,\"requestId\":\"ydtVCR\",\"data\":\"resp-42522\"}"},
    {"45", "socket.io-response#/#", "{\"type\":6,\"requestId\":\"j_C9OE\"}"},
    {"46", "socket.io-response#/#", "{\"type\":6,\"requestId\":\"jjmfCN\",\"data\":null}"},
    {"47", "socket.io-response#/#UWupZV#", "{\"requestId\":\"4Uxzsv\",\"sockets\":[]}"},
    {"48", "socket.io-request#/#",
     "{\"uid\":\"ju5ZpC\",\"requestId\":\"jbeIj5\",\"type\":0,\"rooms\":[]}"},
    {"49", "socket.io-response#/#",
     "{\"requestId\":\"jbeIj5\",\"sockets\":[\"tZAtM9mPD--kaWP_AAAA\"]}"},
    {"55", "socket.io-request#/#", "{\"requestid\":\"TWaPBy\",\"type\":0,\"rooms\":[\"room1\"]}"},
    {"56", "socket.io-response#/#", "{\"requestid\":\"TWaPBy\",\"clients\":[]}"},
    {"57", "socket.io-request#/#", "{\"requestid\":\"aMBCYy\",\"type\":2}"},
    {"58", "socket.io-response#/#",
     "{\"requestid\":\"aMBCYy\",\"rooms\":[\"GWWybKkXdvXevvh6AAAA\"]}"},
    {"59", "socket.io-request#/#",
     "{\"requestid\":\"gqDJfW\",\"type\":3,\"sid\":\"UibVupl0d90UXotdAAAA\",\"room\":\"old"
     "join\"}"},
    {"60", "socket.io-request#/#",
     "{\"requestid\":\"WbW4Eg\",\"type\":4,\"sid\":\"UibVupl0d90UXotdAAAA\",\"room\":\"old"
     "join\"}"},
    {"61", "socket.io-request#/#", "{\"requestid\":\"8D1pVq\",\"type\":5,\"data\":\"ping\"}"},
    {"62", "socket.io-response#/#", "{\"requestid\":\"8D1pVq\",\"data\":\"hook:\\\"ping\\\"\"}"},
    {"63", "socket.io-request#/#",
     "{\"requestId\":\"iaDS3u\",\"type\":2,\"sid\":\"W_lIM6nrtNKvq635AAAA\",\"room\":\"rj"
     "\"}"},
    {"64", "socket.io-response#/#", "{\"requestId\":\"iaDS3u\"}"},
    {"65", "socket.io-request#/#",
     "{\"requestId\":\"IB9tsp\",\"type\":4,\"sid\":\"W_lIM6nrtNKvq635AAAA\",\"close\":fals"
     "e}"},
    {"81", "socket.io-request#/#",
     "{\"type\":2,\"opts\":{\"rooms\":[],\"except\":[]},\"rooms\":[\"j1\"]}"},
    {"82", "socket.io-request#/#",
     "{\"uid\":\"emitter\",\"type\":6,\"data\":[\"hello\",1,{\"a\":1}]}"},
};

/* What is to become of a payload on the channel of the default namespace (13, the second list). */
typedef struct {
    enum { NODE4_REFUSE, NODE4_IGNORE, NODE4_TAKE } verdict;
    const char *row, *hex;
} node4_judged;

static const node4_judged node4_judged_broadcasts[] = {
    {NODE4_REFUSE, "empty", ""},
    {NODE4_REFUSE, "text", "68656c6c6f"},
    {NODE4_REFUSE, "JSON text", "7b2261223a317d"},
    {NODE4_REFUSE, "cut short",
     "93a7656d697474657283a47479706502a46461746192a2657601a36e7370a12f83a5726f6f6d7390a665"
     "786365707490a5666c61"},
    {NODE4_REFUSE, "one byte too many",
     "93a7656d697474657283a47479706502a46461746192a2657601a36e7370a12f83a5726f6f6d7390a665"
     "786365707490a5666c6167738000"},
    {NODE4_REFUSE, "map", "81a3756964a178"},
    {NODE4_REFUSE, "nil", "c0"},
    {NODE4_REFUSE, "reserved byte", "c1"},
    {NODE4_REFUSE, "huge array", "dd7fffffff"},
    {NODE4_REFUSE, "huge map", "dfffffffff"},
    {NODE4_REFUSE, "huge text", "dbffffffff6162"},
    {NODE4_REFUSE, "no opts", "92a7656d697474657283a47479706502a46461746192a2657601a36e7370a12f"},
    {NODE4_REFUSE, "opts nil", "93a16583a47479706502a46461746192a2657601a36e7370a12fc0"},
    {NODE4_REFUSE, "opts text", "93a16583a47479706502a46461746192a2657601a36e7370a12fa178"},
    {NODE4_REFUSE, "rooms a number",
     "93a16583a47479706502a46461746192a2657601a36e7370a12f81a5726f6f6d7305"},
    {NODE4_REFUSE, "except a number",
     "93a16583a47479706502a46461746192a2657601a36e7370a12f82a5726f6f6d7390a665786365707405"},
    {NODE4_REFUSE, "packet a text", "93a165a17880"},
    {NODE4_REFUSE, "passed through a UTF-8 text",
     "efbfbdefbfbd656d6974746572efbfbdefbfbd7479706502efbfbd64617461efbfbdefbfbd657601efbf"
     "bd6e7370efbfbd2fefbfbdefbfbd726f6f6d73efbfbdefbfbd657863657074efbfbdefbfbd666c616773"
     "efbfbd"},
    {NODE4_REFUSE, "no type (Node: its clients get a parse error)",
     "93a16582a46461746192a2657601a36e7370a12f81a5726f6f6d7390"},
    {NODE4_REFUSE, "type 99 (same)",
     "93a16583a47479706563a46461746192a2657601a36e7370a12f81a5726f6f6d7390"},
    {NODE4_REFUSE, "type 1 (Node: its clients are disconnected)",
     "93a16582a47479706501a36e7370a12f81a5726f6f6d7390"},
    {NODE4_REFUSE, "no data (Node: exception in its clients)",
     "93a16582a47479706502a36e7370a12f81a5726f6f6d7390"},
    {NODE4_REFUSE, "no event", "93a16583a47479706502a46461746190a36e7370a12f81a5726f6f6d7390"},
    {NODE4_REFUSE, "event is a number (Node delivers it)",
     "93a16583a47479706502a464617461920506a36e7370a12f81a5726f6f6d7390"},
    {NODE4_REFUSE, "reserved event",
     "93a16583a47479706502a46461746192a7636f6e6e65637401a36e7370a12f81a5726f6f6d7390"},
    {NODE4_IGNORE, "Node ignores", "90"},
    {NODE4_IGNORE, "Node ignores", "93a165c080"},
    {NODE4_IGNORE, "other namespace",
     "93a16583a47479706502a46461746191a26576a36e7370a32f7a7a81a5726f6f6d7390"},
    {NODE4_TAKE, "nsp missing = /",
     "93a16582a47479706502a46461746192a265760183a5726f6f6d7390a665786365707490a5666c616773"
     "80"},
    {NODE4_TAKE, "type as text",
     "93a16583a474797065a132a46461746192a2657601a36e7370a12f81a5726f6f6d7390"},
    {NODE4_TAKE, "opts empty", "93a16583a47479706502a46461746192a2657601a36e7370a12f80"},
    {NODE4_TAKE, "all nil",
     "93a16583a47479706502a46461746192a2657601a36e7370a12f83a5726f6f6d73c0a6657863657074c0"
     "a5666c616773c0"},
    {NODE4_TAKE, "empty texts",
     "93a16583a47479706502a46461746192a2657601a36e7370a12f82a5726f6f6d73a0a5666c616773a0"},
    {NODE4_TAKE, "flags an array",
     "93a16583a47479706502a46461746192a2657601a36e7370a12f82a5726f6f6d7390a5666c61677390"},
    {NODE4_TAKE, "uid nil", "93c083a47479706502a46461746192a2657601a36e7370a12f81a5726f6f6d7390"},
    {NODE4_TAKE, "array of 4",
     "94a16583a47479706502a46461746192a2657601a36e7370a12f81a5726f6f6d739001"},
};

#endif
