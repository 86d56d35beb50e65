<?php
/*
 * client-demo/backends/chat.php - the chat of the demo as a backend (server/manual/webhooks.md), in
 * PHP without a library. It says what client-demo/chat.c says, and holds nothing: the name of a
 * client is in its "data", and its rooms come with each event. So it may be restarted at any time.
 *
 *     HOOK_SECRET=whsec_... php -S 127.0.0.1:8000 chat.php
 *
 *     {"backends": [{"name": "chat", "urls": ["http://127.0.0.1:8000/"], "include": ["rooms"],
 *                    "secret": "env:HOOK_SECRET", "headers": ["X-Port: 3100"]}]}
 *
 * With PHP-FPM behind a web server "max requests" must not exceed its number of workers.
 */
declare(strict_types=1);

const MAX_AGE_S = 300;
const MAX_NAME = 80, MAX_ROOM = 80, MAX_TEXT = 2000;

/* Is the request from somebody who knows the secret, and not an old one? */
function is_signed(string $body): bool
{
    $id = $_SERVER['HTTP_WEBHOOK_ID'] ?? '';
    $timestamp = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '';
    $secret = base64_decode(preg_replace('/^whsec_/', '', (string) getenv('HOOK_SECRET')));
    if ($secret === '' || abs(time() - (int) $timestamp) > MAX_AGE_S)
        return false;
    $ours = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $secret, true));
    foreach (explode(' ', $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '') as $theirs)
        if (hash_equals($ours, $theirs))
            return true;
    return false;
}

function is_text($value, int $most): bool
{
    return is_string($value) && $value !== '' && strlen($value) <= $most;
}

function is_in(array $socket, $room): bool
{
    return in_array($room, $socket['rooms'], true);
}

function name_of(array $socket): string
{
    return $socket['data']['name'] ?? 'somebody';
}

/* A command: everyone in the room gets the event. */
function tell(string $room, string $name, ...$args): array
{
    return ['do' => 'emit', 'to' => $room, 'name' => $name, 'args' => $args];
}

/* What a client may say, by the name of the event. */

function on_join(array $socket, $room, $name): ?array
{
    if (!is_text($room, MAX_ROOM) || !is_text($name, MAX_NAME))
        return null;
    return ['data' => ['name' => $name], 'join' => $room, 'ack' => [],
            'do' => [tell($room, 'joined', $name, $room)]];
}

function on_say(array $socket, $room, $text): ?array
{
    if (!is_in($socket, $room) || !is_text($text, MAX_TEXT))
        return null;
    return ['do' => [tell($room, 'said', name_of($socket), $room, $text)]];
}

function on_here(array $socket, $room, $how): ?array
{
    if (!is_in($socket, $room) || !is_text($how, MAX_TEXT))
        return null;
    return ['do' => [tell($room, 'here', name_of($socket), $room, $how)]];
}

function on_leave(array $socket, $room): ?array
{
    if (!is_in($socket, $room))
        return null;
    return ['do' => [tell($room, 'left', name_of($socket), $room),
                     ['do' => 'leave', 'to' => $socket['id'], 'room' => $room]]];
}

/* Who was on an instance that is lost has left without its rooms: the others call the roll. */
function left(array $socket, string $reason): array
{
    if (!isset($socket['rooms']))
        return ['do' => [['do' => 'emit', 'name' => 'lost']]];
    $tell = fn($room) => tell($room, 'left', name_of($socket), $room, $reason);
    return ['do' => array_map($tell, $socket['rooms'])];
}

function answer(array $event): ?array
{
    [$first, $second] = array_pad($event['args'] ?? [], 2, null);
    if ($event['type'] === 'connect')
        return ['emit' => [['server', ['server' => $_SERVER['HTTP_SIOBROKER_INSTANCE'],
                                       'port' => (int) $_SERVER['HTTP_X_PORT']]]]];
    if ($event['type'] === 'disconnect')
        return left($event['socket'], $event['reason']);
    return match ($event['name']) {
        'join' => on_join($event['socket'], $first, $second),
        'say' => on_say($event['socket'], $first, $second),
        'here' => on_here($event['socket'], $first, $second),
        'leave' => on_leave($event['socket'], $first),
        default => null,
    };
}

$body = file_get_contents('php://input');
if (is_signed($body))
    echo json_encode(['answers' => array_map('answer', json_decode($body, true)['events'])]);
else
    http_response_code(400);
