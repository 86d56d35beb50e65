# client-demo/proxies/default.vcl - two instances behind Varnish (6 or newer), in turn.
#
#     varnishd -F -a 127.0.0.1:3102 -f "$PWD/client-demo/proxies/default.vcl" -p pipe_timeout=90
#
# pipe_timeout is how long a websocket may be silent: longer than the heartbeats of the broker.
# Varnish adds X-Forwarded-For without being told. The instances believe this of a
# proxy on their own machine; name the network of one elsewhere in "trust proxy".

vcl 4.0;

import directors;

# A stopped instance is left out after two failed probes, and is back after a good one.
probe alive {
    .url       = "/";
    .interval  = 1s;
    .timeout   = 1s;
    .window    = 2;
    .threshold = 1;
    .initial   = 1;
}

backend one {
    .host                  = "127.0.0.1";
    .port                  = "3100";
    .probe                 = alive;
    .connect_timeout       = 2s;
    .first_byte_timeout    = 90s; # a poll waits
    .between_bytes_timeout = 90s; # htmlfile is an answer that never ends
}

backend two {
    .host                  = "127.0.0.1";
    .port                  = "3101";
    .probe                 = alive;
    .connect_timeout       = 2s;
    .first_byte_timeout    = 90s;
    .between_bytes_timeout = 90s;
}

# Each request of a client may reach any instance.
sub vcl_init {
    new instances = directors.round_robin();
    instances.add_backend(one);
    instances.add_backend(two);
}

sub vcl_recv {
    set req.backend_hint = instances.backend();

    # Varnish speaks no TLS. Behind one who does, leave this line out when that one sets the header.
    set req.http.X-Forwarded-Proto = "http";

    # Nothing of a session may be cached. A websocket is two streams of bytes.
    if (req.http.Upgrade ~ "(?i)websocket") {
        return (pipe);
    }
    return (pass);
}

sub vcl_pipe {
    set bereq.http.Connection = req.http.Connection;
    set bereq.http.Upgrade = req.http.Upgrade;
}

# Pass on each piece of an answer as it comes.
sub vcl_backend_response {
    set beresp.do_stream = true;
}

# An instance that has just stopped: ask the other one. A POST is not repeated, as
# nobody knows how much of it has arrived.
sub vcl_backend_error {
    if (bereq.method == "GET" && bereq.retries == 0) {
        return (retry);
    }
}
