# PostgreSQL of Debian. $1: calm, or failing.
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
server() { setpriv --reuid=postgres --regid=postgres --init-groups "$bin/$@"; }
start() { server pg_ctl -w -D "$PWD/pg" -l /dev/null -o "-c log_destination=syslog -c listen_addresses=127.0.0.1 -c port=$PORT1 -c unix_socket_directories= -c max_connections=5 -c superuser_reserved_connections=2 -c max_wal_senders=0 -c deadlock_timeout=100ms" start; }
ask() { PGPASSWORD=${password:-secret9} psql -XAtqc "$@"; }
export PGHOST=127.0.0.1 PGPORT=$PORT1 PGUSER=postgres PGDATABASE=postgres
install -d -o postgres pg && echo secret9 >password && chmod 755 . && chmod 644 password
server initdb -D "$PWD/pg" -A scram-sha-256 --pwfile="$PWD/password" -U postgres >/dev/null
start
ask "create table t (i int primary key, v int); insert into t values (1, 1), (2, 2); create role app login password 'secret9'"
PGPASSWORD=secret9 pg_dump -f dump.sql 2>&1 | logger -t pg_dump
if [ "$1" != calm ]; then
    ask 'insert into t values (1, 1)' # a mistake of a program is none of the server's
    PGPASSWORD=wrong pg_dump 2>&1 | logger -t pg_dump
    for _ in 1 2 3 4 5; do password=wrong ask 'select 1'; done
    for _ in 1 2 3 4 5 6; do PGUSER=app ask 'select pg_sleep(1)' & done; wait
    # Until there were five: on a busy machine the second may come when the first is done.
    for _ in $(seq 60); do
        ask 'begin; update t set v = 1 where i = 1; select pg_sleep(0.4); update t set v = 1 where i = 2; commit' &
        ask 'begin; update t set v = 1 where i = 2; select pg_sleep(0.4); update t set v = 1 where i = 1; commit' &
        wait
        [ "$(ask 'select deadlocks from pg_stat_database where datname = current_database()')" -ge 5 ] && break
    done
    file=pg/$(ask "select pg_relation_filepath('t')")
    server pg_ctl -w -D "$PWD/pg" stop
    dd if=/dev/urandom of="$file" bs=512 count=4 conv=notrunc
    start
    ask 'select * from t'
fi
server pg_ctl -w -D "$PWD/pg" stop
