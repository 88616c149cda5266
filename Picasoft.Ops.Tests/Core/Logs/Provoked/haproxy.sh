# HAProxy of Debian. $1: calm, or failing.
cat >haproxy.cfg <<CONF
global
    log /dev/log local0
    pidfile $PWD/haproxy.pid
defaults
    mode http
    log global
    option httplog
    timeout connect 1s
    timeout client 5s
    timeout server 5s
frontend web
    bind 127.0.0.1:$PORT1
    default_backend team
backend team
    option httpchk GET /
    server alice 127.0.0.1:$PORT2 check inter 200ms fall 2 rise 1
    server bob 127.0.0.1:$PORT3 check inter 200ms fall 2 rise 1
CONF
printf 'hello\n' >index.html
site() { python3 -m http.server --bind 127.0.0.1 "$1" >/dev/null 2>&1 & }
asked() { for _ in $(seq "$1"); do curl -s "127.0.0.1:$PORT1/" -o /dev/null -w '%{http_code}\n'; done; }
until_asked() { for _ in $(seq 300); do [ "$(asked 1)" = "$1" ] && return; sleep 0.1; done; }
site "$PORT2"; alice=$!
site "$PORT3"; bob=$!
for port in "$PORT2" "$PORT3"; do for _ in $(seq 100); do curl -s "127.0.0.1:$port/" -o /dev/null && break; sleep 0.1; done; done
haproxy -D -f haproxy.cfg 2>&1 | logger -t haproxy
until_asked 200
asked 20
if [ "$1" != calm ]; then
    kill "$alice" "$bob"
    until_asked 503
    asked 20
    echo bogus >>haproxy.cfg
    haproxy -c -f haproxy.cfg 2>&1 | logger -t haproxy
fi
kill "$(cat haproxy.pid)"
