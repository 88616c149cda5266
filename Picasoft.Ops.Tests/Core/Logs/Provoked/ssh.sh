# sshd, PAM, sudo and su of Debian. $1: calm, or failing.
useradd -M -d / noe && echo noe:secret9 | chpasswd
echo 'Defaults mailto=""' >/etc/sudoers.d/no-mail
ssh-keygen -q -t ed25519 -N '' -f key
/usr/sbin/sshd -p "$PORT1" -h "$PWD/key" -o ListenAddress=127.0.0.1 -o PidFile=/run/sshd.pid -o UsePAM=yes -o PermitRootLogin=yes -o PasswordAuthentication=yes -o KbdInteractiveAuthentication=no -o MaxStartups=200
printf '#!/bin/sh\necho "$ANSWER"\n' >ask && chmod +x ask
export SSH_ASKPASS=$PWD/ask SSH_ASKPASS_REQUIRE=force
on() { ssh -q -p "$PORT1" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o NumberOfPasswordPrompts=1 "$@"; }
as_noe() { echo "$2" | su noe -s /bin/sh -c "$1"; }

ANSWER=secret9 on noe@127.0.0.1 true
if [ "$1" = calm ]; then
    echo 'noe ALL=(root) /usr/bin/true' >/etc/sudoers.d/noe
    as_noe 'sudo -S true' secret9
    su noe -s /bin/sh -c true
else
    ANSWER=wrong on noe@127.0.0.1 true
    for i in $(seq 50); do on -o BatchMode=yes "u$i@127.0.0.1" true & [ $((i % 10)) -ne 0 ] || wait; done
    wait
    echo root:root9 | chpasswd
    ANSWER=root9 on root@127.0.0.1 true
    as_noe 'sudo -S true' secret9
    as_noe 'su root -c true' wrong
fi
