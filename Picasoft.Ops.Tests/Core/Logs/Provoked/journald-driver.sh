# Docker Engine of Debian, and a container whose output goes to the journal. $1: its name; $2: a word that it says.
dockerd --data-root "$PWD/data" --exec-root /run/docker -H "unix://$PWD/docker.sock" -p "$PWD/dockerd.pid" --bridge=none --iptables=false --ip6tables=false --ip-forward=false --shutdown-timeout=1 >dockerd.log 2>&1 &
d() { /usr/bin/docker -H "unix://$PWD/docker.sock" "$@"; }
for _ in $(seq 600); do d version >/dev/null 2>&1 && break; sleep 0.1; done
mkdir -p root/bin && cp /usr/bin/busybox root/bin && ln -s busybox root/bin/sh
tar -C root -c . | d import - busy:1
d run --network none --name "$1" --log-driver journald busy:1 /bin/sh -c "echo $2 1; echo $2 2 >&2"
d rm -f "$1"
kill "$(cat dockerd.pid)"
while [ -e dockerd.pid ]; do sleep 0.1; done
