/** Clears a guest of what a test file left, and prints what that was. Status 0 = clear. */
export const RESET_SCRIPT = `
left=
for pid in $(ls /proc | grep '^[0-9]'); do
  # Kernel threads have no program. PID 1 and its proxies stay.
  [ "$pid" = 1 ] || [ "$pid" = $$ ] || ! [ -e "/proc/$pid/exe" ] && continue
  comm=$(cat "/proc/$pid/comm" 2>/dev/null) || continue
  [ "$comm" = lab-proxy ] && continue
  kill -9 "$pid" 2>/dev/null && left="$left $comm($pid)"
done
[ -z "$left" ] || echo "processes:$left"
[ -z "$(ls -A /sys/fs/bpf)" ] || { echo "pins: $(ls /sys/fs/bpf | tr '\\n' ' ')"; rm -rf /sys/fs/bpf/*; }
# With swap a limit lets more through: kills come later or never.
/sbin/swapoff -a
for disk in /sys/block/zram*; do
  echo 1 > "$disk/reset" && echo "\${disk##*zram}" > /sys/class/zram-control/hot_remove
done 2>/dev/null
echo 0 > /proc/sys/vm/oom_kill_allocating_task
echo 0 > /proc/sys/vm/panic_on_oom
for try in 1 2 3 4 5 6 7 8 9 10; do
  find /sys/fs/cgroup -mindepth 1 -depth -type d -exec rmdir {} + 2>/dev/null
  [ -z "$(find /sys/fs/cgroup -mindepth 1 -type d)" ] && break
  sleep 0.2
done
dmesg -C
[ -z "$(find /sys/fs/cgroup -mindepth 1 -type d)" ] && [ -z "$(ls -A /sys/fs/bpf)" ] && [ "$(wc -l < /proc/swaps)" = 1 ]
`;
