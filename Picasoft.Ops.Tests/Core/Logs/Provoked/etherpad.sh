# Etherpad from npm, where the drill keeps it. $1: calm, or failing. 77: it is not here.
etherpad=/var/cache/picasoft-ops/etherpad-1.8.14
[ -e "$etherpad/complete" ] || { echo "Etherpad is fetched by ./ops drill"; exit 77; }
settings() { printf '{"ip": "127.0.0.1", "port": %s, "dbType": "dirty", "dbSettings": {"filename": "%s"}, "loglevel": "INFO"}\n' "$PORT1" "$PWD/$1" >settings.json; }
pad() { NODE_ENV=production node "$etherpad/src/node/server.js" --settings "$PWD/settings.json" --apikey "$PWD/key" --sessionkey "$PWD/session" 2>&1 | tee "$1.log" | logger -t etherpad; }
answers() { for _ in $(seq 600); do curl -s "127.0.0.1:$PORT1/api" | grep -q currentVersion && return; sleep 0.1; done; }
echo secret9 >key; echo secret9 >session
settings pads.db
pad first & answers
curl -s "127.0.0.1:$PORT1/api/1/createPad?apikey=secret9&padID=minutes&text=hello"
if [ "$1" != calm ]; then
    settings other.db
    pad second & # the port is taken; it says so, and then may hang
    for _ in $(seq 600); do grep -q EADDRINUSE second.log && break; sleep 0.1; done
fi
pkill -f "$PWD/settings.json" # its own process namespace: nobody else's
exit 0
