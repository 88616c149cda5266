# nginx of Debian, straight to the product over UDP. $1: calm, or failing.
cat >nginx.conf <<CONF
pid $PWD/nginx.pid;
error_log syslog:server=127.0.0.1:$UDP,tag=nginx warn;
events {}
http {
    access_log syslog:server=127.0.0.1:$UDP,tag=nginx;
    server {
        listen 127.0.0.1:$PORT1;
        location / { root $PWD; }
        location /u { proxy_pass http://127.0.0.1:1; }
    }
}
CONF
echo hello >index.html
nginx -e /dev/null -c "$PWD/nginx.conf"
curl -s "127.0.0.1:$PORT1/" "127.0.0.1:$PORT1/none" -o /dev/null -o /dev/null
if [ "$1" != calm ]; then
    for _ in 1 2 3 4 5; do curl -s "127.0.0.1:$PORT1/u" -o /dev/null; done
    echo bogus >>nginx.conf
    nginx -t -c "$PWD/nginx.conf" 2>&1 | logger -t nginx
fi
kill "$(cat nginx.pid)"
