# slapd of Debian. $1: calm, or failing.
mkdir ldap
cat >slapd.conf <<CONF
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
loglevel stats
pidfile $PWD/slapd.pid
database mdb
suffix dc=example,dc=org
rootdn cn=admin,dc=example,dc=org
rootpw secret9
directory $PWD/ldap
maxsize 100000
CONF
slapd -f slapd.conf -h "ldap://127.0.0.1:$PORT1" -n slapd
on() { local program=$1; shift; "$program" -x -H "ldap://127.0.0.1:$PORT1" -D cn=admin,dc=example,dc=org "$@"; }
for _ in $(seq 100); do on ldapwhoami -w secret9 && break; sleep 0.1; done
printf 'dn: dc=example,dc=org\nobjectClass: dcObject\nobjectClass: organization\no: x\ndc: example\n' | on ldapadd -w secret9
on ldapsearch -w secret9 -b dc=example,dc=org
if [ "$1" != calm ]; then
    on ldapsearch -w wrong -b dc=example,dc=org
    for _ in $(seq 29); do on ldapwhoami -w wrong; done >/dev/null 2>&1
    filler=$(head -c 900 /dev/zero | tr '\0' x)
    for i in $(seq 80); do printf 'dn: ou=u%s,dc=example,dc=org\nobjectClass: organizationalUnit\nou: u%s\ndescription: %s\n\n' "$i" "$i" "$filler"; done | on ldapadd -c -w secret9 >/dev/null 2>&1
fi
kill "$(cat slapd.pid)"
while [ -e slapd.pid ]; do sleep 0.1; done
if [ "$1" != calm ]; then
    echo bogus >>slapd.conf
    slapd -f slapd.conf -h "ldap://127.0.0.1:$PORT1" -n slapd
fi
