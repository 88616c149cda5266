# The kernel, on a disk in a file. $1: calm, or failing. 77: there are no such disks here.
[ -e /dev/loop-control ] || mknod /dev/loop-control c 10 237
for n in $(seq 0 63); do [ -e "/dev/loop$n" ] || mknod "/dev/loop$n" b 7 "$n"; done
truncate -s 16M disk && mkfs.ext4 -q -b 1024 disk && mkdir mnt
loop=$(losetup --find --show disk) || exit 77
trap 'umount mnt 2>/dev/null; losetup --detach "$loop"' EXIT
mknod /dev/kmsg c 1 11; echo "test in $PWD begins" >/dev/kmsg
mount -o errors=remount-ro "$loop" mnt || exit 77
mkdir mnt/a
umount mnt
if [ "$1" != calm ]; then
    block=$(debugfs -R 'blocks /a' disk 2>/dev/null)
    dd if=/dev/urandom of="$loop" bs=1024 seek=$((block)) count=1 conv=fsync
    mount -o errors=remount-ro "$loop" mnt
    ls mnt/a
    umount mnt
    truncate -s 0 disk
    dd if="$loop" of=/dev/null bs=4096 count=1 skip=100 iflag=direct
    dd if="$loop" of=/dev/null bs=4096 count=1 skip=200
fi
# Only of our own disk: the kernel is everybody's.
dmesg --notime | sed "1,\\#test in $PWD begins#d" | grep "${loop#/dev/}" | logger -t kernel -p kern.warning
exit 0
