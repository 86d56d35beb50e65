/*
 * protocol/eio3_text.h - text of Engine.IO 3 that its client may have encoded twice.
 *
 * Clients of socket.io 1.x encode text to UTF-8, take the bytes for characters, and encode
 * these: by polling, in the text form of payloads, and those of 1.0 on websockets, too
 * (eio3_client.h has the table). "°" (C2 B0) arrives as "Â°" (C3 82 C2 B0), which others send,
 * too, if seldom: text that was damaged before it came to them. A server of 1.x takes all text
 * for encoded twice, one of 2.x none. Here a session is judged, by these rules in order:
 *
 *   - what its queries tell of its client: some encode twice, and who began by polling and is not
 *     of 1.0 to 1.3 encodes once on its websocket;
 *   - a character above U+00FF, or characters that would be no UTF-8 as bytes ("é" alone), are text
 *     encoded once, and the session's others are, too;
 *   - all characters are below U+0100, would be UTF-8 as bytes, and among them is one from
 *     U+0080 to U+009F: such controls are not in text, but half of all that is encoded twice
 *     has one ("À" as C3 83 C2 80; "€", "’" and "😀" too). It was, and so are the session's
 *     others;
 *   - the same without such a control ("Â°", "Ã©") shows nothing. It is left as it came.
 *
 * So nothing is changed that may have been meant as it stands. The price: where queries do not
 * tell (1.4 to 1.7 by polling, 1.0 in Node on a websocket), text that has no character above
 * ASCII but of U+00A0 to U+00BF and U+00E0 to U+00FF stays encoded twice, until the client
 * sends other text, be it in the same payload. Servers of 2.x and later leave all of it so.
 *
 * Called by server/. Pure; allocates only through sio_buf.
 */
#ifndef SIO_PROTOCOL_EIO3_TEXT_H
#define SIO_PROTOCOL_EIO3_TEXT_H

#include "protocol/buf.h"
#include "protocol/eio3_client.h"
#include "protocol/view.h"

#include <stdbool.h>

typedef enum {
    SIO_EIO3_TEXT_UNKNOWN,
    SIO_EIO3_TEXT_ONCE,
    SIO_EIO3_TEXT_TWICE,
} sio_eio3_encoding;

typedef enum {
    SIO_EIO3_BY_POLLING,
    SIO_EIO3_BY_WEBSOCKET,
    SIO_EIO3_BY_UPGRADE, /* on a websocket, after polling */
} sio_eio3_way;

/* What is known before there is any text. What was learned by polling does not hold afterwards. */
sio_eio3_encoding sio_eio3_text_encoding_of(sio_eio3_client client, sio_eio3_way way);

/*
 * Was text, which is valid UTF-8, encoded twice? Then append it as it was meant and return true. *e
 * is what is known of the session; it learns. Not for text in a payload of bytes, which is encoded
 * once by all. Failure is out->failed.
 */
bool sio_eio3_text_undouble(sio_eio3_encoding *e, sio_view text, sio_buf *out);

/*
 * Learn what text shows, and change nothing: for a payload of text, of which one packet shows
 * it for all. Lengths and the like may be in it, as they are ASCII. Without memory nothing is
 * learned.
 */
void sio_eio3_text_learn(sio_eio3_encoding *e, sio_view text);

#endif
