# Units of a systemd. $1: calm, or failing.
unit() { printf '[Unit]\nDefaultDependencies=no\n[Service]\n%s\n' "$2" >"units/$1.service"; }
unit good "$(printf 'Type=oneshot\nExecStart=/bin/true')"
unit again "$(printf 'ExecStart=/bin/sh -c "[ -e %s/once ] && exec sleep infinity; touch %s/once; exit 0"\nRestart=always' "$PWD" "$PWD")"
unit bad 'ExecStart=/bin/false'
unit loop "$(printf 'ExecStart=/bin/false\nRestart=always\nRestartSec=10ms')"
systemctl daemon-reload
systemctl start good again
if [ "$1" != calm ]; then
    systemctl start bad loop
    for _ in $(seq 200); do [ "$(systemctl is-failed loop)" = failed ] && break; sleep 0.1; done
fi
systemctl stop again
