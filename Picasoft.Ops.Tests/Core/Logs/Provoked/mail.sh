# Postfix and Dovecot of Debian. $1: calm, or failing.
mount -t tmpfs -o size=30m,mode=755 queue /var/spool/postfix && mkdir /var/spool/postfix/pid
mount -t tmpfs -o mode=755 data /var/lib/postfix && chown postfix /var/lib/postfix
[ -e /etc/postfix/master.cf ] || cp /usr/share/postfix/master.cf.dist /etc/postfix/master.cf
: >/etc/postfix/main.cf
postconf -e compatibility_level=3.6 myhostname=mail.example.org mydestination=example.org inet_interfaces=127.0.0.1 inet_protocols=ipv4 relayhost= alias_maps= local_recipient_maps= mynetworks=127.0.0.0/8 \
    'transport_maps=inline:{dead.example=smtp:[127.0.0.1]:1}' smtpd_sasl_type=dovecot "smtpd_sasl_path=inet:127.0.0.1:$PORT3" smtpd_sasl_auth_enable=yes message_size_limit=1000000 mailbox_size_limit=0 home_mailbox=Maildir/ smtp_host_lookup=native
postconf -F '*/*/chroot = n'
postconf -MX smtp/inet
postconf -M "127.0.0.1:$PORT1/inet=127.0.0.1:$PORT1 inet n - n - - smtpd"
useradd -M -d "$PWD/camille" camille && install -d -o camille camille
cat >dovecot.conf <<CONF
protocols = imap
base_dir = /run/dovecot
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
listen = 127.0.0.1
mail_location = maildir:~/Maildir
first_valid_uid = 100
passdb {
  driver = static
  args = password=secret9
}
userdb {
  driver = static
  args = uid=camille gid=camille home=$PWD/%u
}
service imap-login {
  inet_listener imap {
    port = $PORT2
  }
  inet_listener imaps {
    port = 0
  }
}
service auth {
  inet_listener {
    address = 127.0.0.1
    port = $PORT3
  }
}
CONF
cat >client.py <<'CODE'
import imaplib, os, smtplib, sys
from concurrent.futures import ThreadPoolExecutor

def smtp(to=None, password=None):
    try:
        with smtplib.SMTP('127.0.0.1', int(os.environ['PORT1'])) as s:
            if password: s.login('camille', password)
            if to: s.sendmail('ops@example.org', [to], 'Subject: x\n\nhello\n')
    except (smtplib.SMTPException, OSError) as e: print(e)

def imap(password):
    try:
        m = imaplib.IMAP4('127.0.0.1', int(os.environ['PORT2']))
        m.login('camille', password)
        print(m.select())
        m.logout()
    except (imaplib.IMAP4.error, OSError) as e: print(e)

count, what, *rest = sys.argv[1:]
with ThreadPoolExecutor(10) as pool: list(pool.map(lambda _: globals()[what](*rest), range(int(count))))
CODE
client() { python3 client.py "$@"; }
until_said() { for _ in $(seq 200); do postqueue -p 2>/dev/null | grep -q "$1" && return; sleep 0.1; done; }
dovecot -c dovecot.conf
postfix start
if [ "$1" = calm ]; then
    client 3 smtp camille@example.org
    client 1 smtp '' secret9
    client 2 imap secret9
    for _ in $(seq 200); do [ "$(ls camille/Maildir/new camille/Maildir/cur 2>/dev/null | grep -c example)" = 3 ] && break; sleep 0.1; done
else
    client 20 smtp a@dead.example
    client 10 smtp nobody-such@example.org
    client 10 smtp '' wrong
    client 10 imap wrong
    until_said 'Connection refused'
    postconf -e message_size_limit=900000000 && postfix reload
    client 1 smtp camille@example.org
    postconf -e message_size_limit=1000000 smtpd_relay_restrictions=nonsense && postfix reload
    sleep 1
    timeout 3 python3 client.py 1 smtp camille@example.org
    chown root camille && chmod 000 camille
    client 5 imap secret9
    printf 'Syslog yes\nSocket inet:%s@127.0.0.1\nDomain example.org\nSelector mail\nKeyFile %s/none.private\nMode s\n' "$PORT4" "$PWD" >opendkim.conf
    opendkim -f -x opendkim.conf 2>&1 | logger -t opendkim
    echo 'bogus = 1' >>dovecot.conf
    dovecot -c dovecot.conf 2>&1 | logger -t dovecot
fi
postfix stop
