# Borg, borgmatic and restic of Debian. $1: calm, or failing.
export BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes BORG_BASE_DIR=$PWD/borg HOME=$PWD RESTIC_PASSWORD=secret9
borg init -e none repo 2>&1 | logger -t borg
borg create --show-rc --stats repo::a /etc/hostname 2>&1 | logger -t borg
printf 'location:\n    source_directories: [/etc/hostname]\n    repositories: [%s]\n' "$PWD/repo" >borgmatic.yaml
borgmatic -c "$PWD/borgmatic.yaml" --syslog-verbosity 1 create --stats
restic init -r store 2>&1 | logger -t restic
restic backup -r store /etc/hostname 2>&1 | logger -t restic
if [ "$1" != calm ]; then
    borg create --show-rc none::a /etc/hostname 2>&1 | logger -t borg
    borg with-lock repo sleep 5 &
    while [ ! -e repo/lock.exclusive ]; do sleep 0.1; done
    borg create --show-rc --lock-wait 0 repo::b /etc/hostname 2>&1 | logger -t borg
    wait
    sed -i "s#$PWD/repo#$PWD/none#" borgmatic.yaml
    borgmatic -c "$PWD/borgmatic.yaml" --syslog-verbosity 0 create
    restic backup -r none /etc/hostname 2>&1 | logger -t restic
    RESTIC_PASSWORD=wrong restic -r store snapshots 2>&1 | logger -t restic
fi
true
