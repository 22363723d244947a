#!/usr/bin/env bash
# Sends bundles to a real sshd on loopback, and breaks the way there at every point.
#
#   Tests/check-sync.sh PROGRAM [MODEL]     FULL_SWEEP=yes cuts at twice as many places
#
# The sshd is the system's, with a configuration, a host key and an authorized_keys of its own in a temporary folder, on a free
# port of 127.0.0.1; neither /etc/ssh nor ~/.ssh is read or written. MODEL is Models/efficientnet-lite0.loam if absent.
# What cannot run here is said ("not run: …").
set -Eeuo pipefail

usage="usage: Tests/check-sync.sh PROGRAM [MODEL]"
program=$(realpath -e -- "${1:?$usage}")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
model=${2:-$(dirname "$here")/Models/efficientnet-lite0.loam}

not_run() { printf 'check-sync: not run: %s\n' "$*"; }
# Debian's openssh-server begins to listen when it is installed: on a person's own machine that is theirs to decide.
if [[ -n ${CI:-} ]]; then "$here/../.ci/install-deps.sh" sync || true; fi
sshd=$(PATH="$PATH:/usr/sbin:/sbin" command -v sshd) || { not_run "no sshd here (.ci/install-deps.sh sync installs one; Debian starts it at once)"; exit 0; }
for tool in ssh sftp rsync python3 tar; do
  command -v "$tool" >/dev/null || { not_run "no $tool here"; exit 0; }
done
[[ -e $model ]] || { not_run "no model at $model"; exit 0; }
model=$(realpath -e -- "$model")

work=$(mktemp -d)
cd "$work"
mounts=() made_run=""
clean_up() {
  local it
  # What this shell started and has not ended yet; never a number that was noted, which may be another process by now.
  for it in $(jobs -pr); do kill -KILL "$it" 2>/dev/null || true; done
  for it in "${mounts[@]}"; do umount -l "$it" || true; done
  [[ -z $made_run ]] || rmdir /run/sshd 2>/dev/null || true
  chmod -R u+rwX "$work"
  rm -rf "$work"
}
trap clean_up EXIT
trap 'echo "check-sync: stopped in line $LINENO" >&2' ERR
passed=0 failed=0

pass() { passed=$((passed + 1)); }
fail() { # what, why
  failed=$((failed + 1))
  printf 'FAILED: %s: %s\n' "$1" "$2"
  sed 's/^/  said:    /' said 2>/dev/null | tail -n 12
}

# ---- The other side ----

user=$(id -un)
ssh-keygen -q -t ed25519 -N '' -f key
ssh-keygen -q -t ed25519 -N '' -f other_key
ssh-keygen -q -t ed25519 -N '' -f host_key
ssh-keygen -q -t ed25519 -N '' -f other_host_key
cp key.pub authorized_keys
: >empty_config
if [[ $(id -u) -eq 0 && ! -d /run/sshd ]]; then mkdir /run/sshd && made_run=yes; fi

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# Starts an sshd with the options of standard input; its port in `port`, its process in `daemon`.
start_sshd() { # name
  local tries
  port=$(free_port)
  {
    printf '%s\n' "Port $port" "ListenAddress 127.0.0.1" "HostKey $work/host_key" "AuthorizedKeysFile $work/authorized_keys" \
      "PidFile none" "UsePAM no" "StrictModes no" "PasswordAuthentication no" "KbdInteractiveAuthentication no" \
      "PermitRootLogin prohibit-password" "LogLevel VERBOSE" "MaxStartups 100" "PrintMotd no"
    cat
  } >"sshd_$1"
  "$sshd" -D -e -f "$work/sshd_$1" 2>"log_$1" &
  daemon=$!
  for ((tries = 0; tries < 100; tries++)); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return 0; fi
    kill -0 "$daemon" 2>/dev/null || break
    sleep 0.1
  done
  not_run "sshd does not start here: $(tail -n 1 "log_$1")"
  exit 0
}
sftp_server=internal-sftp
for it in /usr/lib/openssh/sftp-server /usr/libexec/openssh/sftp-server /usr/lib/ssh/sftp-server; do
  if [[ -x $it ]]; then sftp_server=$it; fi
done
start_sshd shell <<<"Subsystem sftp $sftp_server"
shell_port=$port shell_daemon=$daemon
start_sshd sftp <<<"Subsystem sftp internal-sftp
ForceCommand internal-sftp"
sftp_port=$port

known() { # port…: the file `known_hosts` with the right key of each
  local it
  for it in "$@"; do printf '[127.0.0.1]:%s %s\n' "$it" "$(cut -d ' ' -f 1,2 host_key.pub)"; done >known_hosts
}

# Starts a proxy before port $1 with further options; its port in `proxy_port`, its counts in the file `counts`.
start_proxy() {
  rm -f counts proxy_said
  mkfifo proxy_said
  python3 "$here/cutting_proxy.py" "$1" counts "${@:2}" >proxy_said 2>>proxy_errors &
  proxy=$!
  read -r proxy_port <proxy_said
}
stop_proxy() { kill "$proxy" 2>/dev/null || true; wait "$proxy" 2>/dev/null || true; }

# ---- This side ----

# A device that has had no photo: its model alone, made once.
"$program" new-task "$model" --classes cat,dog --output task.loam >said 2>&1
mkdir inbox
"$program" run --model task.loam --store device --camera dir:inbox >printed 2>said </dev/null &
device=$!
for ((tries = 0; tries < 600; tries++)); do
  if "$program" export --store device --queue >/dev/null 2>&1; then break; fi
  kill -0 "$device" 2>/dev/null || break
  sleep 0.2
done
kill -TERM "$device"
wait "$device" || true
store=device
bundle=$(basename "$(echo device/outbox/loam-*)")
[[ -d $store/outbox/$bundle ]] || { fail "export --queue" "there is no bundle in the outbox"; exit 1; }
bytes=$(cat "$store/outbox/$bundle"/* | wc -c)
printf 'check-sync: %s has %s B: %s\n' "$bundle" "$bytes" "$(cd "$store/outbox/$bundle" && stat -c '%n %s' ./* | tr '\n' ' ')"

# The same with small files instead of the models, which nothing but `verify` looks into: for what needs no size.
python3 - "$store/outbox/$bundle" "small/outbox/$bundle" <<'PYTHON'
import hashlib, json, os, sys
os.makedirs(sys.argv[2])
manifest = json.load(open(sys.argv[1] + "/manifest.json"))
for name in manifest["files"]:
    data = b"" if name == "labels.csv" else os.urandom(3000)
    open(f"{sys.argv[2]}/{name}", "wb").write(data)
    manifest["files"][name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
json.dump(manifest, open(sys.argv[2] + "/manifest.json", "w"), indent=1)
PYTHON

# The bundle unsent again, and nothing there.
afresh() {
  if [[ -d $store/outbox/sent/$bundle ]]; then mv "$store/outbox/sent/$bundle" $store/outbox/; fi
  rm -rf there
  mkdir there
}

# Sends by port $1 to folder $2 with further options: status in `status`, JSON in `printed`, the rest in `said`.
send() {
  status=0
  timeout 240 "$program" sync "ssh://$user@127.0.0.1:$1$2" --store "$store" --key key --known-hosts known_hosts \
    --ssh-config empty_config --no-export --json "${@:3}" >printed 2>said </dev/null || status=$?
}

# The bundle lies whole at folder $2, nothing is left half done, and here it counts as sent.
arrived() { # what, folder
  if ((status != 0)); then fail "$1" "exit status $status"; return; fi
  if ! diff -r "$store/outbox/sent/$bundle" "$2/$bundle" >said 2>&1; then fail "$1" "it differs there"; return; fi
  if [[ $store == device ]] && ! "$program" verify "$2/$bundle" >verified 2>&1; then fail "$1" "not whole there: $(tail -n 2 verified)"; return; fi
  if [[ -n $(ls -A "$2/.staging") ]]; then fail "$1" "left in staging: $(ls -A "$2/.staging")"; return; fi
  if [[ ! -d $store/outbox/sent/$bundle || -d $store/outbox/$bundle ]]; then fail "$1" "it is not marked as sent"; return; fi
  pass
}

# The last `send` failed, named PATTERN, and the bundle waits still.
refused() { # what, pattern
  if ((status != 1)); then fail "$1" "exit status $status instead of 1"; return; fi
  if ! grep -qE -- "$2" said; then fail "$1" "the message says nothing like '$2'"; return; fi
  if [[ ! -d $store/outbox/$bundle ]]; then fail "$1" "it does not wait any more"; return; fi
  pass
}

known "$shell_port" "$sftp_port"

# How much of the bundle lies in staging there.
staged() { { cat there/.staging/*/* 2>/dev/null || true; } | wc -c; }

# ---- The good way, by each method ----

for way in rsync "sftp and a shell" "sftp alone"; do
  afresh
  start=$(date +%s.%N)
  case $way in
    rsync) send "$shell_port" "$work/there" ;;
    "sftp and a shell") send "$shell_port" "$work/there" --sftp ;;
    *) send "$sftp_port" "$work/there" ;;
  esac
  printf 'check-sync: whole by %s: %.1f s, %s\n' "$way" "$(python3 -c "import time; print(time.time() - $start)")" \
    "$(grep -o '"bytes_sent":[0-9]*' printed || true)"
  arrived "whole by $way" there
  [[ $way == rsync ]] || grep -q '"method":"sftp"' printed || fail "whole by $way" "it was not sent by sftp: $(cat printed)"
  [[ $way != rsync ]] || grep -q '"method":"rsync"' printed || fail "whole by $way" "it was not sent by rsync: $(cat printed)"
done

# There already: nothing is sent, and it counts as sent.
for port in "$shell_port" "$sftp_port"; do
  mv "$store/outbox/sent/$bundle" $store/outbox/
  send "$port" "$work/there"
  arrived "there already" there
  grep -q '"already_there":true' printed || fail "there already" "it was sent again: $(cat printed)"
done

# ---- Cut after every so many bytes, then once more ----

# Cuts one run at byte $3 of direction $2; the next run has to bring the bundle whole. Counts what went up in both.
cut_at() { # port, direction, bytes, further options…
  local what="cut at byte $3 $2 (port of ${1/$shell_port/shell}; ${*:4})" up down cuts
  afresh
  start_proxy "$1" "--$2" "$3"
  known "$shell_port" "$sftp_port" "$proxy_port"
  send "$proxy_port" "$work/there" "${@:4}"
  local first=$status
  read -r up down cuts <counts
  # How much goes over differs by some bytes from one time to the next, so near its end a cut may come too late.
  if ((cuts != 1)); then printf '  %s: too late, all was over\n' "$what"; fi
  local left=$bytes
  # Cut after it had its name: the first run cannot know, the second finds it.
  if ((first == 0)) && [[ ! -d $store/outbox/sent/$bundle ]]; then fail "$what" "the first run says it was sent"; fi
  if ((first != 0)); then
    grep -qE 'run this again|did not arrive|nothing answers|connection broke' said || fail "$what" "the message gives no next step"
    left=$(staged)
    send "$proxy_port" "$work/there" "${@:4}"
  fi
  arrived "$what" there
  read -r up down cuts <counts
  stop_proxy
  printf '  %s: there after the cut %s B, up in all %s B (bundle %s B), down %s B\n' "$what" "$left" "$up" "$bytes" "$down"
}

sweep() { # port, further options…
  local up down part
  afresh
  start_proxy "$1"
  known "$shell_port" "$sftp_port" "$proxy_port"
  send "$proxy_port" "$work/there" "${@:2}"
  read -r up down _ <counts
  stop_proxy
  arrived "through the proxy" there
  local ups=(0 1000 9000 $((up / 3)) $((up * 3 / 4)) $((up - 3000)) $((up - 1200))) downs=(3000 $((down - 400)) $((down - 60)))
  if [[ -n ${FULL_SWEEP:-} ]]; then
    ups+=(1 4000 20000 $((up / 5)) $((up / 2)) $((up - 9000)) $((up - 300)))
    downs+=(10 $((down / 2)) $((down - 2000)))
  fi
  for part in "${ups[@]}"; do
    cut_at "$1" up "$part" "${@:2}"
  done
  for part in "${downs[@]}"; do cut_at "$1" down "$part" "${@:2}"; done
}
sweep "$shell_port"
sweep "$shell_port" --sftp
sweep "$sftp_port"

# ---- Killed in the middle ----

# Waits until some of the bundle is there.
wait_for_some() {
  local tries
  for ((tries = 0; tries < 600; tries++)); do
    if (($(staged) > bytes / 4)); then return 0; fi
    sleep 0.05
  done
  return 1
}
slow() { # port, further options…: a sync of 3 MB a second in the background, its process in `sender`
  afresh
  start_proxy "$1" --rate 3000000
  known "$shell_port" "$sftp_port" "$proxy_port"
  "$program" sync "ssh://$user@127.0.0.1:$proxy_port$work/there" --store "$store" --key key --known-hosts known_hosts \
    --ssh-config empty_config --no-export --json "${@:2}" >printed 2>said </dev/null &
  sender=$!
  wait_for_some || fail "slowly" "nothing arrives"
}
# Whether these processes are gone within so many seconds; one that nobody has waited for yet is.
ended() { # seconds, process…
  local it state until=$((SECONDS + $1 + 1))
  (($# > 1)) || return 1
  for it in "${@:2}"; do
    while state=$(ps -o stat= -p "$it" || true) && [[ -n $state && $state != Z* ]]; do
      ((SECONDS < until)) || return 1
      sleep 0.05
    done
  done
}
for way in "" --sftp; do
  slow "$shell_port" ${way:+"$way"}
  # The processes of the session alone: children of this test's own sshd.
  mapfile -t sessions < <(pgrep -P "$shell_daemon")
  kill -KILL "${sessions[@]}" 2>/dev/null || true
  status=0
  wait "$sender" || status=$?
  refused "sshd's session killed $way" 'run this again'
  before=$(staged)
  send "$proxy_port" "$work/there" ${way:+"$way"}
  arrived "after sshd's session was killed $way" there
  printf '  sshd killed %s: %s B were there, sent then: %s\n' "$way" "$before" "$(grep -o '"bytes_sent":[0-9]*' printed || true)"
  stop_proxy

  slow "$shell_port" ${way:+"$way"}
  send "$proxy_port" "$work/there" ${way:+"$way"}
  refused "two at a time $way" 'another process holds'
  mapfile -t children < <(pgrep -P "$sender")
  kill -KILL "$sender"
  wait "$sender" 2>/dev/null || true
  ended 1 "${children[@]}" || fail "loam killed $way" "what it had begun goes on: $(ps -o pid=,args= -p "${children[*]}")"
  before=$(staged)
  send "$proxy_port" "$work/there" ${way:+"$way"}
  arrived "after loam was killed $way" there
  printf '  loam killed %s: %s B were there, sent then: %s\n' "$way" "$before" "$(grep -o '"bytes_sent":[0-9]*' printed || true)"
  stop_proxy
done

# ---- Somebody else writes there meanwhile ----

# Programs that do first what the session of a sender that is gone may do still.
mkdir meddling
cat >meddling/sftp <<'BASH'
#!/usr/bin/env bash
# MEDDLE says what becomes of model.loam there: it gets `whole` or `longer` before it is gone on with for the first time, it `drains`
# in for two seconds after the first look, or it is cut and gets whole again `always`.
set -euo pipefail
commands=$(cat)
model=$(echo "$MEDDLE_IN"/there/.staging/*/model.loam)
append() { tail -c "+$(($(stat -c %s "$model") + 1))" "$MEDDLE_WITH" | head -c "$1" >>"$model" || true; }
reputs=$(cat "$MEDDLE_IN/reputs")
case $MEDDLE-$commands in
  drains-ls*) if mkdir "$MEDDLE_IN/drains" 2>/dev/null; then (for _ in {1..10}; do append 100000; sleep 0.2; done) </dev/null >/dev/null 2>&1 & fi ;;
  always-ls*) truncate -s $((1000 - reputs)) "$model" ;;
  always-*reput*) append 1G ;;
  whole-*reput*) if ((reputs == 0)); then append 1G; fi ;;
  longer-*reput*) if ((reputs == 0)); then append 1G && echo more >>"$model"; fi ;;
esac
if [[ $commands == *reput* ]]; then echo $((reputs + 1)) >"$MEDDLE_IN/reputs"; fi
exec "$REAL_SFTP" "$@" <<<"$commands"
BASH
cat >meddling/rsync <<'BASH'
#!/usr/bin/env bash
# The same beside it, begun a little before.
"$REAL_RSYNC" "$@" </dev/null >/dev/null 2>&1 &
echo $! >"$MEDDLE_IN/other_rsync"
sleep 0.3
exec "$REAL_RSYNC" "$@"
BASH
chmod +x meddling/*
REAL_SFTP=$(command -v sftp) REAL_RSYNC=$(command -v rsync) MEDDLE_IN=$work MEDDLE_WITH=$work/whole.loam
export REAL_SFTP REAL_RSYNC MEDDLE MEDDLE_IN MEDDLE_WITH
afresh
cp "$store/outbox/$bundle/model.loam" whole.loam
size=$(stat -c %s whole.loam)
part=$((size / 2)) manifest=$(sha256sum "$store/outbox/$bundle/manifest.json" | cut -c 1-12)
known "$shell_port" "$sftp_port"
for MEDDLE in whole longer drains always; do
  afresh
  echo 0 >reputs
  mkdir -p "there/.staging/$bundle.$manifest.part"
  head -c "$part" whole.loam >"there/.staging/$bundle.$manifest.part/model.loam"
  PATH=$work/meddling:$PATH send "$shell_port" "$work/there" --sftp
  case $MEDDLE in
    always) refused "a file there that is never as it was" 'something else sends it' ;;
    *) arrived "a file there that changes: $MEDDLE" there ;;
  esac
  # Less by what went over before the sending broke off, which are the small files.
  case $MEDDLE in
    whole) most=$((bytes - size)) ;;
    longer) most=$bytes ;;
    drains) most=$((bytes - part - 1000000)) ;;
    always) continue ;;
  esac
  sent=$(sed -nE 's/.*"bytes_sent":([0-9]+).*/\1/p' printed)
  if ((sent > most || sent < most - 5000)); then fail "a file there that changes: $MEDDLE" "$sent B were sent instead of $most"; fi
done
afresh
start_proxy "$shell_port" --rate 3000000
known "$shell_port" "$proxy_port"
PATH=$work/meddling:$PATH send "$proxy_port" "$work/there"
arrived "two of rsync at once" there
ended 20 "$(cat other_rsync)" || fail "two of rsync at once" "one does not end"
stop_proxy
arrived "two of rsync at once, when the other has ended" there

# ---- Who is at the other end ----

store=small

known "$shell_port" "$sftp_port"
afresh
: >known_hosts
send "$shell_port" "$work/there"
refused "a host never seen" "key is not known here"
send "$shell_port" "$work/there" --accept-new-host-key
arrived "a host never seen, taken" there
afresh
printf '[127.0.0.1]:%s %s\n' "$shell_port" "$(cut -d ' ' -f 1,2 other_host_key.pub)" >known_hosts
send "$shell_port" "$work/there"
refused "another host key" "another key than the one it had"
send "$shell_port" "$work/there" --accept-new-host-key
refused "another host key is never taken" "another key than the one it had"
known "$shell_port" "$sftp_port"
send "$shell_port" "$work/there" --key other_key
refused "a key that is not known there" "does not take the key"
send "$(free_port)" "$work/there"
refused "nothing at the port" "nothing answers"

# ---- What is there ----

for port in "$shell_port" "$sftp_port"; do
  name=shell
  [[ $port == "$shell_port" ]] || name=sftp
  afresh
  mkdir "there/$bundle"
  echo mine >"there/$bundle/precious"
  send "$port" "$work/there"
  refused "another bundle of the name, $name" "another bundle of this name"
  [[ $(cat "there/$bundle/precious") == mine && $(ls "there/$bundle") == precious ]] || fail "another bundle, $name" "it was touched"
  afresh
  cp -r "$store/outbox/$bundle" there/
  printf x | dd of="there/$bundle/labels.csv" conv=notrunc bs=1 status=none
  send "$port" "$work/there"
  refused "the bundle with one byte changed, $name" "another bundle of this name"
  afresh
  : >file
  send "$port" "$work/file/below"
  refused "a file where a folder should be, $name" "check who owns it|choose another"
  send "$port" "$work/none/of/these"
  refused "no folder above, $name" "choose another|make it there"
  # What staging holds under this name is not what was sent: found by the hash, removed and sent again.
  afresh
  send "$port" "$work/there" --dry-run
  if ((status == 0)) && [[ -z $(ls -A there) ]] && grep -q "\"would_send\":\\[\"$bundle\"\\]" printed; then pass; else
    fail "a dry run, $name" "$(cat printed; ls -A there)"
  fi
  manifest=$(sha256sum "$store/outbox/$bundle/manifest.json" | cut -c 1-12)
  mkdir -p "there/.staging/$bundle.$manifest.part"
  head -c "$(stat -c %s "$store/outbox/$bundle/model.loam")" /dev/zero >"there/.staging/$bundle.$manifest.part/model.loam"
  send "$port" "$work/there"
  arrived "staging with wrong bytes, $name" there
done

# ---- Names that a shell, rsync or sftp would take for something else ----

# shellcheck disable=SC2016 # meant as they are
for name in 'a b' "it's" 'say "x"' '$(touch pwned)' '`touch pwned`' 'a;touch pwned' 'a&b|c' '~' '-rf' 'a*b' 'a[b]' 'a?' 'a\b' 'ü–日' '#x' 'x:y' '%41'; do
  for port in "$shell_port" "$sftp_port"; do
    afresh
    mkdir -p "there/$name" "there/axb" "there/ab"
    send "$port" "$work/there/${name//%/%25}"
    arrived "the folder '$name', port of ${port/$shell_port/shell}" "there/$name"
    [[ ! -e pwned && ! -e there/pwned && -z $(ls -A there/axb) && -z $(ls -A there/ab) ]] || fail "the folder '$name'" "something else was touched"
  done
done
[[ ! -e ~/pwned ]] || fail "names" "a command in a name was run"

# ---- A full disk ----

store=device
mkdir tiny
if [[ $(id -u) -eq 0 ]] && mount -t tmpfs -o size=4m none tiny 2>/dev/null; then
  mounts+=("$work/tiny")
  for port in "$shell_port" "$sftp_port"; do
    afresh
    send "$port" "$work/tiny"
    refused "a full disk there, port of ${port/$shell_port/shell}" "disk"
    mount -o remount,size=64m "$work/tiny"
    send "$port" "$work/tiny"
    arrived "a full disk that was made larger, port of ${port/$shell_port/shell}" tiny
    rm -rf "tiny/$bundle" tiny/.staging
    mount -o remount,size=4m "$work/tiny"
  done
else
  not_run "a full disk: no right to mount a small one here"
fi

# ---- The bundle itself ----

afresh
"$program" export --store device --archive one.tar >said 2>&1
"$program" export --store device --archive two.tar >said 2>&1
if cmp one.tar two.tar && "$program" verify one.tar >said 2>&1; then pass; else fail "the archive" "differs from one time to the next, or is not whole"; fi
mkdir unpacked
tar -C unpacked -xf one.tar
if "$program" verify unpacked/loam-* >said 2>&1; then pass; else fail "the archive unpacked by tar" "is not whole"; fi
tar -C unpacked --format=ustar -cf packed.tar .
tar -C unpacked/loam-* --format=ustar -cf flat.tar .
if "$program" verify flat.tar >said 2>&1; then pass; else fail "an archive made by tar" "is not whole"; fi
truncate -s -1 unpacked/loam-*/model.loam
if "$program" verify unpacked/loam-* >printed 2>said; then fail "verify" "a short model passes"; else pass; fi

if [[ -s proxy_errors ]]; then cat proxy_errors; fi
printf 'check-sync: %d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
