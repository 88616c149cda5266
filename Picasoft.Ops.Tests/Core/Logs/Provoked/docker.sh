# Docker Engine of Debian. $1: calm, or failing. 77: no engine can run here.
mknod /dev/kmsg c 1 11; [ -e /dev/fuse ] || mknod /dev/fuse c 10 229
dockerd --data-root "$PWD/data" --exec-root /run/docker -H "unix://$PWD/docker.sock" -p "$PWD/dockerd.pid" --bridge=none --iptables=false --ip6tables=false --ip-forward=false --shutdown-timeout=1 2>&1 | tee dockerd.log | logger -t dockerd &
d() { /usr/bin/docker -H "unix://$PWD/docker.sock" "$@"; }
for _ in $(seq 300); do d version >/dev/null 2>&1 && break; sleep 0.1; done
d version >/dev/null 2>&1 || { tail -3 dockerd.log; exit 77; }
mkdir -p root/bin && cp /usr/bin/busybox root/bin && ln -s busybox root/bin/sh
tar -C root -c . | d import - busy:1
d events --filter type=container --filter event=die --filter event=oom --filter event=health_status --filter event=destroy | logger -t docker-events &
run() { d run --network none "$@"; }
echo "test in $PWD begins" >/dev/kmsg
until_said() { for _ in $(seq 600); do d ps -a --no-trunc | grep -q "$1" && return; sleep 0.1; done; }
run --rm busy:1 /bin/sh -c 'echo hello'
run -d --name well --health-cmd true --health-interval 1s busy:1 /bin/sh -c 'busybox sleep 1000'
until_said '(healthy)'
run --name ends busy:1 /bin/sh -c 'exit 0'
if [ "$1" != calm ]; then
    run --name eats -m 8m --memory-swap 8m busy:1 /bin/sh -c 'x=a; while :; do x=$x$x; done'
    d ps -a --filter name=eats --format '{{.Status}}' # Exited (137)
    run -d --name ill --health-cmd false --health-interval 1s --health-retries 2 busy:1 /bin/sh -c 'busybox sleep 1000'
    until_said '(unhealthy)'
    run -d --name loop --restart always busy:1 /bin/sh -c 'exit 3'
    for _ in $(seq 600); do [ "$(d inspect --format '{{.RestartCount}}' loop)" -ge 3 ] && break; sleep 0.1; done
    for _ in 1 2 3; do run --device /dev/nothing busy:1 /bin/sh; done
    run --log-driver syslog --log-opt syslog-address=tcp://127.0.0.1:1 busy:1 /bin/sh
    mount -t tmpfs -o size=16k full data/containers && dd if=/dev/zero of=data/containers/full
    d create busy:1 /bin/sh
    umount data/containers
    eats=$(d inspect --format '{{.Id}}' eats)
fi
d rm -f $(d ps -aq) >/dev/null
sleep 1 # the events of that
kill "$(cat dockerd.pid)"
while [ -e dockerd.pid ]; do sleep 0.1; done
# Only of our own containers: the kernel is everybody's.
dmesg --notime | sed "1,\\#test in $PWD begins#d" | grep -F "${eats:-nothing}" | logger -t kernel -p kern.warning
exit 0
