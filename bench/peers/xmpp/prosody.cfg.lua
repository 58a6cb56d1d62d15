-- Prosody as Debian packages it, with what a chat of two needs. The dollar names are filled in by bench/targets/xmpp.py.
run_as_root = true
data_path = "$directory"
pidfile = "$directory/prosody.pid"
log = { warn = "*stdout" }
network_settings = { nagle = false } -- else an answer waits up to 40 ms for the client's TCP acknowledgement
interfaces = { "127.0.0.1" }
http_interfaces = { "127.0.0.1" }
http_ports = { $port }
https_ports = {}
c2s_ports = {}
c2s_direct_tls_ports = {}
s2s_ports = {}
http_default_host = "localhost"
consider_websocket_secure = true
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain" -- no connect pays for a hash, as nobody pays for the login of the other peers
storage = "sql"
sql = { driver = "PostgreSQL", database = "$database", username = "$role", host = "$socket_dir", port = 5432 }
default_archive_policy = true
archive_expires_after = "never"
modules_enabled = { "roster", "saslauth", "disco", "carbons", "offline", "smacks", "mam", "websocket" }
modules_disabled = { "s2s" }
VirtualHost "localhost"
