# Rspamd of Debian. $1: calm, or failing.
mkdir -p /run/rspamd && chown _rspamd /run/rspamd
mount -t tmpfs -o mode=755 data /var/lib/rspamd && chown _rspamd /var/lib/rspamd
[ "$1" != calm ] || redis-server --port "$PORT1" --bind 127.0.0.1 --daemonize yes --save '' --dir "$PWD" --pidfile "$PWD/redis.pid" >/dev/null
cat >/etc/rspamd/local.d/redis.conf <<CONF
servers = "127.0.0.1:$PORT1";
timeout = 1s;
CONF
printf 'type = "syslog"; facility = "mail"; level = "info";\n' >/etc/rspamd/local.d/logging.inc
printf 'bind_socket = "127.0.0.1:%s";\n' "$PORT2" >/etc/rspamd/local.d/worker-normal.inc
printf 'bind_socket = "127.0.0.1:%s";\n' "$PORT3" >/etc/rspamd/local.d/worker-controller.inc
printf 'enabled = false;\n' >/etc/rspamd/local.d/worker-proxy.inc
printf 'enabled = false;\n' | tee /etc/rspamd/local.d/{rbl,fuzzy_check,dmarc,spf,asn,phishing}.conf >/dev/null
printf 'dns { nameserver = ["127.0.0.1:1"]; }\nmap_watch_interval = 1h;\n' >/etc/rspamd/local.d/options.inc
# What it fetches from elsewhere cannot be had here: that is a failure.
[ "$1" != calm ] || grep -rl maps.rspamd.com /etc/rspamd | xargs sed -i '/maps.rspamd.com/d'
rspamd -u _rspamd -g _rspamd -c /etc/rspamd/rspamd.conf -p "$PWD/rspamd.pid" >/dev/null 2>&1
for _ in $(seq 200); do curl -s "127.0.0.1:$PORT2/ping" -o /dev/null && break; sleep 0.1; done
mail() { printf 'From: a@example.org\nTo: b@example.org\nSubject: x\nMessage-Id: <%s@example.org>\n\nhello\n' "$RANDOM" | curl -s --data-binary @- -H 'IP: 192.0.2.1' -H 'Rcpt: b@example.org' -H 'From: a@example.org' -H 'User: camille' "127.0.0.1:$PORT2/checkv2" -o /dev/null; }
mail; mail
sleep 3 # its workers say what is wrong after they have started
kill "$(cat rspamd.pid)"
[ "$1" != calm ] || kill "$(cat redis.pid)"
exit 0
