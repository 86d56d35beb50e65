/*
 * server/config/setting_text.h - what a text may be, for the rows of config_table.c.
 *
 * Pure. What each of them takes is said by `allowed` in its row.
 */
#ifndef SIO_CONFIG_SETTING_TEXT_H
#define SIO_CONFIG_SETTING_TEXT_H

#include <stdbool.h>

#include "protocol/view.h"

bool sio_setting_text_is_auto(sio_view text);
bool sio_setting_text_is_printable(sio_view text);
bool sio_setting_text_is_host(sio_view text);
bool sio_setting_text_is_resource(sio_view text);
bool sio_setting_text_is_resource_or_empty(sio_view text);
bool sio_setting_text_is_transport(sio_view text);
bool sio_setting_text_is_origin(sio_view text);
bool sio_setting_text_is_token(sio_view text);
bool sio_setting_text_is_page(sio_view text);
bool sio_setting_text_is_cookie_value(sio_view text);
bool sio_setting_text_is_host_name(sio_view text);
bool sio_setting_text_is_same_site(sio_view text);
bool sio_setting_text_is_priority(sio_view text);
bool sio_setting_text_is_engine_transport(sio_view text);
bool sio_setting_text_is_cluster_name(sio_view text);
bool sio_setting_text_is_cluster_secret(sio_view text);
bool sio_setting_text_is_dialect(sio_view text);
bool sio_setting_text_is_node_key(sio_view text);
bool sio_setting_text_is_node_stream(sio_view text);
bool sio_setting_text_is_python_channel(sio_view text);
bool sio_setting_text_is_client_address_header(sio_view text);
bool sio_setting_text_is_client_version(sio_view text);
bool sio_setting_text_is_log_format(sio_view text);
bool sio_setting_text_is_account(sio_view text);
bool sio_setting_text_is_sandbox(sio_view text);
bool sio_setting_text_is_user_limit(sio_view text);
bool sio_setting_text_has_login(sio_view text);
bool sio_setting_text_is_not_empty(sio_view text);
bool sio_setting_text_is_carrier(sio_view text);
bool sio_setting_text_is_tls_version(sio_view text);
bool sio_setting_text_is_tls_client(sio_view text);
bool sio_setting_text_is_listen_address(sio_view text);
bool sio_setting_text_is_listen_entry(sio_view text);
bool sio_setting_text_is_key_or_empty(sio_view text);
bool sio_setting_text_is_session_id(sio_view text);

#endif
