/**
 * In the environment of what a test file starts in its hooks, for all of its tests: a test that failed must not take it along,
 * for then it would fail at its second try whatever it does, and so would the tests after it.
 */
export const FOR_ALL_TESTS = 'OOMSCOPE_FOR_ALL_TESTS';

/**
 * Clears a guest of what a test left, and prints what that was. Status 0 = clear. With the argument "between-tests" what serves
 * all tests of the file is left alone; without, the file has ended.
 */
export const RESET_SCRIPT = `
left= kept=
for pid in $(ls /proc | grep '^[0-9]'); do
  # Kernel threads have no program. PID 1 and its proxies stay.
  [ "$pid" = 1 ] || [ "$pid" = $$ ] || ! [ -e "/proc/$pid/exe" ] && continue
  comm=$(cat "/proc/$pid/comm" 2>/dev/null) || continue
  [ "$comm" = lab-proxy ] && continue
  [ "$1" = between-tests ] && grep -qz '^${FOR_ALL_TESTS}=' "/proc/$pid/environ" && kept="$kept $pid" && continue
  kill -9 "$pid" 2>/dev/null && left="$left $comm($pid)"
done
[ -z "$left" ] || echo "processes:$left"
[ -n "$kept" ] || [ -z "$(ls -A /sys/fs/bpf)" ] || { echo "pins: $(ls /sys/fs/bpf | tr '\\n' ' ')"; rm -rf /sys/fs/bpf/*; }
# With swap a limit lets more through: kills come later or never.
/sbin/swapoff -a
for disk in /sys/block/zram*; do
  echo 1 > "$disk/reset" && echo "\${disk##*zram}" > /sys/class/zram-control/hot_remove
done 2>/dev/null
echo 0 > /proc/sys/vm/oom_kill_allocating_task
echo 0 > /proc/sys/vm/panic_on_oom
[ -z "$kept" ] || exit 0
for try in 1 2 3 4 5 6 7 8 9 10; do
  find /sys/fs/cgroup -mindepth 1 -depth -type d -exec rmdir {} + 2>/dev/null
  [ -z "$(find /sys/fs/cgroup -mindepth 1 -type d)" ] && break
  sleep 0.2
done
# A container runtime turns it on; without it a guest lives longer (lab/guest/mounts.c).
echo -cpuset > /sys/fs/cgroup/cgroup.subtree_control 2>/dev/null
dmesg -C
[ -z "$(find /sys/fs/cgroup -mindepth 1 -type d)" ] && [ -z "$(ls -A /sys/fs/bpf)" ] && [ "$(wc -l < /proc/swaps)" = 1 ]
`;
