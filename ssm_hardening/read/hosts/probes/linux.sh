#!/bin/sh
# What a Session Manager session can really do on this Linux or macOS machine, as one JSON document on stdout.
#
# Read-only: it writes no file, changes no setting, opens no connection (the local resolver is asked for six names) and
# never runs what it reads. Base system only: POSIX sh, awk, od, sed, find. Run it as root, else most of it is unknown.
# Pure ASCII: other bytes are written as \u00XX each. At most 23,000 bytes. {"unknown": "..."} is what was not learnt.

# The OS users that sessions run as, apart by blanks. Put Run As users here too.
SSM_HARDEN_USERS='ssm-user'

set -u
PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin:/snap/bin
LC_ALL=C
export PATH LC_ALL
unset IFS CDPATH ENV
newline='
'

# --- JSON -----------------------------------------------------------------------------------------------------------

# shellcheck disable=SC2016  # awk's own variables. An escape for each byte's two hex digits, as od prints them.
ESCAPES='BEGIN { for (i = 0; i < 256; i++) escape[sprintf("%02x", i)] = i < 32 || i > 126 ? sprintf("\\u%04x", i) : sprintf("%c", i)
  escape["0a"] = "\\n"; escape["09"] = "\\t"; escape["22"] = "\\\""; escape["5c"] = "\\\\" }'

encode() { # bytes on stdin, as a JSON text; od makes every byte, NUL and newline too, safe for any awk
  od -An -v -tx1 | awk "$ESCAPES"' BEGIN { printf "\"" } { for (i = 1; i <= NF; i++) printf "%s", escape[$i] } END { printf "\"" }'
}

text() { printf '%s' "$1" | encode; }

text_or_null() { if [ -n "$1" ]; then text "$1"; else printf null; fi; }

unknown() { printf '{"unknown": %s}' "$(text "$(printf '%s' "$1" | cut -c1-200)")"; }

# lines MOST BYTES [REASON]: the lines on stdin as a list; it ends, and says so, before one that is too many or too long.
lines() {
  od -An -v -tx1 | awk -v most="$1" -v bytes="$2" -v reason="${3:-}" "$ESCAPES"'
    function item() {
      if (line == "") return
      seen++
      if (!cut && (kept >= most || size + length(line) > bytes)) cut = 1
      if (!cut) { out = out (kept++ ? ", " : "") "\"" line "\""; size += length(line) + 4 }
      line = ""
    }
    { for (i = 1; i <= NF; i++) if ($i == "0a") item(); else line = line escape[$i] }
    END {
      item()
      if (cut) reason = kept " of " seen " are listed" (reason == "" ? "" : "; " reason)
      printf "{\"items\": [%s], \"more\": %s}", out, (reason == "" ? "null" : "\"" reason "\"")
    }'
}

listed() { printf '{"items": [%s], "more": %s}' "$1" "$(text_or_null "$2")"; } # items that are JSON already, reason

# --- Helpers --------------------------------------------------------------------------------------------------------

bounded() { # SECONDS COMMAND...; exit status 124, or 143 of busybox, where it took longer
  if command -v timeout >/dev/null 2>&1; then timeout "$@"; else shift && "$@"; fi
}

find_tool() { # NAME, never a builtin or an applet of the shell
  for folder in /usr/bin /bin /usr/sbin /sbin /usr/local/bin /usr/local/sbin; do
    if [ -f "$folder/$1" ] && [ -x "$folder/$1" ]; then printf '%s' "$folder/$1" && return; fi
  done
}

# shellcheck disable=SC2012  # the fields before the name are all that is read, and there is no stat everywhere
owner_and_mode() { # PATH: `"owner": "0", "mode": "0440"`, of what a link leads to
  ls -ldnL "$1" 2>/dev/null | awk 'NR == 1 {
    for (i = 0; i < 9; i++) if (substr($1, i + 2, 1) ~ /[rwxst]/) mode[int(i / 3)] += i % 3 == 0 ? 4 : i % 3 == 1 ? 2 : 1
    if (substr($1, 4, 1) ~ /[sS]/) special += 4
    if (substr($1, 7, 1) ~ /[sS]/) special += 2
    if (substr($1, 10, 1) ~ /[tT]/) special += 1
    printf "\"owner\": \"%s\", \"mode\": \"%d%d%d%d\"", $3, special, mode[0], mode[1], mode[2]; found = 1
  } END { if (!found) printf "\"owner\": {\"unknown\": \"ls did not say\"}, \"mode\": {\"unknown\": \"ls did not say\"}" }'
}

is_lost() { [ "$PLATFORM" = macos ] && [ -z "$MAC" ]; }

lost() { unknown "$DAEMON does not say where the agent is"; }

not_root() { unknown 'the probe did not run as root'; }

case $(uname -s) in Darwin) PLATFORM=macos ;; *) PLATFORM=linux ;; esac
# On macOS the launch daemon says where the agent is, to root alone; empty: what lies there is not known.
DAEMON=/Library/LaunchDaemons/com.amazon.aws.ssm.plist
MAC=''
if [ "$PLATFORM" = macos ]; then MAC=$(sed -n 's,^.*<string>\(/.*\)/bin/amazon-ssm-agent</string>.*$,\1,p' "$DAEMON" 2>/dev/null | head -n 1); fi
case $PLATFORM in macos) DATA=${MAC:-/nonexistent}/data ;; *) DATA=/var/lib/amazon/ssm ;; esac
if [ "$(id -u)" = 0 ]; then ELEVATED=true; else ELEVATED=false; fi

# --- The node -------------------------------------------------------------------------------------------------------

cloud_init() { # KEY: a value of cloud-init's public data
  sed -n 's/^.*"'"$1"'": *"\([A-Za-z0-9-]\{1,40\}\)".*$/\1/p' /run/cloud-init/instance-data.json 2>/dev/null | head -n 1
}

matches() { # TEXT PATTERN: of one line
  case $1 in *"$newline"*) return 1 ;; esac
  printf '%s\n' "$1" | grep -Eq "$2"
}

is_node() { matches "$1" '^m?i-[0-9a-f]{8,17}$'; }

node_id() { # what Run Command says, else what the hardware and the agent's folders agree on
  if is_node "${AWS_SSM_INSTANCE_ID:-}"; then text "$AWS_SSM_INSTANCE_ID" && return; fi
  hardware=$(head -c 64 /sys/class/dmi/id/board_asset_tag 2>/dev/null | tr -d '\000')
  is_node "$hardware" || hardware=$(cloud_init instance_id)
  is_node "$hardware" || hardware=''
  folders=''
  for folder in "$DATA"/i-* "$DATA"/mi-*; do
    if [ -d "$folder" ] && is_node "${folder##*/}"; then folders="$folders ${folder##*/}"; fi
  done
  case $folders in
    *' mi-'*' mi-'* | *' i-'*' mi-'*) unknown "the agent has folders of several ids:$folders" ;;
    ' mi-'*) text "${folders# }" ;;
    *) if [ -n "$hardware" ]; then text "$hardware"; else
      case $folders in
        ' i-'*' i-'*) unknown "the agent has folders of several ids:$folders" ;;
        ' i-'*) text "${folders# }" ;;
        *) unknown 'neither the agent, the hardware nor cloud-init says it' ;;
      esac
    fi ;;
  esac
}

os_name() {
  if [ "$PLATFORM" = macos ]; then
    text "$(sw_vers -productName) $(sw_vers -productVersion)"
  else
    name=$(sed -n 's/^PRETTY_NAME=//p' /etc/os-release 2>/dev/null | sed "s/^[\"']//; s/[\"']\$//" | head -n 1 | cut -c1-100)
    if [ -n "$name" ]; then text "$name"; else unknown 'os-release does not say'; fi
  fi
}

region() { # or nothing
  for candidate in "${AWS_SSM_REGION_NAME:-}" "$(cloud_init region)" "$(head -n 1 /etc/dnf/vars/awsregion 2>/dev/null)" \
    "$(head -n 1 /etc/yum/vars/awsregion 2>/dev/null)" \
    "$(sed -n 's/^search.*[[:space:]]\([a-z0-9-]*\)\.compute\.internal.*$/\1/p' /etc/resolv.conf 2>/dev/null | head -n 1)"; do
    if matches "$candidate" '^[a-z]{2,4}(-[a-z]+){1,3}-[0-9]{1,2}$'; then printf '%s' "$candidate" && return; fi
  done
}

# --- The agent ------------------------------------------------------------------------------------------------------

numbers() { sed -n 's/^[^0-9]*\([0-9][0-9]*\(\.[0-9][0-9]*\)\{1,3\}\).*$/\1/p' | head -n 1; }

agent_version() { # what the packages say; the agent itself is asked last
  if is_lost; then lost && return; fi
  for binary in /usr/bin/amazon-ssm-agent /snap/amazon-ssm-agent/current/amazon-ssm-agent "${MAC:+$MAC/bin/amazon-ssm-agent}" ''; do
    if [ -x "$binary" ]; then break; fi
  done
  found=$(sed -n 's/^version: *//p' /snap/amazon-ssm-agent/current/meta/snap.yaml 2>/dev/null | numbers)
  # shellcheck disable=SC2016  # dpkg-query's own placeholders
  [ -n "$found" ] || found=$(bounded 10 dpkg-query -W -f '${db:Status-Status} ${Version}\n' amazon-ssm-agent 2>/dev/null | sed -n '/^installed /p' | numbers)
  [ -n "$found" ] || found=$(bounded 10 rpm -q --qf '%{VERSION}\n' amazon-ssm-agent 2>/dev/null | sed -n '/^[0-9]/p' | numbers)
  if [ -z "$found" ] && [ -z "$binary" ]; then printf null && return; fi
  [ -n "$found" ] || found=$(bounded 5 "$binary" -version 2>/dev/null </dev/null | numbers)
  if [ -n "$found" ]; then text "$found"; else unknown "$binary is there and no package says its version"; fi
}

AGENT_UNITS='amazon-ssm-agent.service snap.amazon-ssm-agent.amazon-ssm-agent.service'

agent_processes() { # `PID NAME` lines; the kernel keeps 15 characters of a name
  for folder in /proc/[0-9]*; do
    name=''
    { read -r name <"$folder/comm"; } 2>/dev/null
    case $name in
      amazon-ssm-agen*) echo "${folder#/proc/} amazon-ssm-agent" ;;
      ssm-agent-worke*) echo "${folder#/proc/} ssm-agent-worker" ;;
      ssm-session-wor*) echo "${folder#/proc/} ssm-session-worker" ;;
    esac
  done
}

systemd_state() { # active, failed, inactive, or nothing where systemd does not run
  [ -d /run/systemd/system ] || return 0
  # shellcheck disable=SC2086  # a list of words
  bounded 5 systemctl is-active $AGENT_UNITS 2>/dev/null | sort | head -n 1
}

service() {
  if [ "$PLATFORM" = macos ]; then
    if launchctl list com.amazon.aws.ssm >/dev/null 2>&1; then text running; else text stopped; fi && return
  fi
  case $(systemd_state) in
    active) text running && return ;;
    failed) text failed && return ;;
  esac
  if [ -n "$(agent_processes)" ]; then
    text running
  elif [ "$ELEVATED" = true ] && [ -r /proc/1/comm ]; then
    text stopped
  else
    unknown 'no process of the agent is visible to this user'
  fi
}

autostart() {
  if [ "$PLATFORM" = macos ]; then
    if [ -f "$DAEMON" ]; then printf true; else printf false; fi && return
  fi
  if ! command -v systemctl >/dev/null 2>&1; then unknown 'there is no systemctl to ask' && return; fi
  answer=''
  for unit in $AGENT_UNITS; do
    case $(bounded 5 systemctl is-enabled "$unit" 2>/dev/null) in
      enabled | enabled-runtime) answer=true && break ;;
      disabled | masked | masked-runtime) answer=false ;;
    esac
  done
  if [ -n "$answer" ]; then printf '%s' "$answer"; else unknown 'systemctl is-enabled does not say'; fi
}

agent_config() {
  if is_lost; then lost && return; fi
  for path in /etc/amazon/ssm/amazon-ssm-agent.json "${MAC:+$MAC/amazon-ssm-agent.json}" /snap/amazon-ssm-agent/current/amazon-ssm-agent.json ''; do
    if [ -z "$path" ]; then continue; fi
    if [ -e "$path" ]; then break; fi
    if [ -d "${path%/*}" ] && ! [ -x "${path%/*}" ]; then unknown "${path%/*} may not be entered" && return; fi
  done
  if [ -z "$path" ]; then printf null && return; fi
  if ! [ -f "$path" ]; then unknown "$path is no file" && return; fi
  if ! [ -r "$path" ]; then content=$(unknown 'it may not be read'); else
    content=$(head -c 8193 "$path" 2>/dev/null | encode)
    if [ "$(head -c 8193 "$path" 2>/dev/null | wc -c)" -gt 8192 ] || [ ${#content} -gt 8800 ]; then content=$(unknown 'it is too long'); fi
  fi
  printf '{"path": %s, %s, "content": %s}' "$(text "$path")" "$(owner_and_mode "$path")" "$content"
}

# --- Users and sudo -------------------------------------------------------------------------------------------------

group_names() { # USER: one a line. Names with blanks in them are asked for one by one.
  names=$(id -Gn "$1" 2>/dev/null)
  ids=$(id -G "$1" 2>/dev/null)
  # shellcheck disable=SC2086  # words are counted
  if [ "$(set -f && set -- $names && echo $#)" = "$(set -f && set -- $ids && echo $#)" ]; then
    printf '%s\n' "$names" | tr ' ' '\n'
  else
    for gid in $ids; do
      line=$(bounded 3 getent group "$gid" 2>/dev/null || sed -n "/^[^:]*:[^:]*:$gid:/p" /etc/group | head -n 1)
      printf '%s\n' "${line%%:*}" | sed "s/^\$/$gid/"
    done
  fi
}

sudo_rules() { # USER BYTES
  if [ -z "$(find_tool sudo)" ]; then listed '' '' && return; fi
  if [ "$ELEVATED" = false ]; then not_root && return; fi
  answer=$(bounded 5 "$(find_tool sudo)" -n -l -U "$1" 2>&1 </dev/null | head -c 20000)
  case $answer in
    *'may run the following commands'*)
      printf '%s\n' "$answer" | sed -e '1,/may run the following commands/d' -e 's/^[[:space:]]*//; s/[[:space:]]*$//' | lines 12 "$2"
      ;;
    *'is not allowed to run sudo'*) listed '' '' ;;
    *) unknown "sudo -l -U $1: $(printf '%s' "$answer" | head -n 1 | cut -c1-120)" ;;
  esac
}

identity() { # USER BYTES
  printf '{"name": %s, ' "$(text "$1")"
  uid=$(bounded 5 id -u "$1" 2>/dev/null)
  case $?:$uid in
    0:*[!0-9]* | 0:) printf '"exists": %s' "$(unknown 'id does not say')" ;;
    0:*) printf '"exists": true, "uid": %s, "gid": %s, "groups": %s' "$uid" "$(id -g "$1")" "$(group_names "$1" | lines 24 500)" ;;
    1:*) printf '"exists": false, "uid": null, "gid": null, "groups": null' ;;
    *) printf '"exists": %s' "$(unknown 'id did not answer in 5 seconds')" ;;
  esac
  printf ', "sudo": %s}' "$(sudo_rules "$1" "$2")"
}

identities() {
  items='' count=0 reason=''
  # shellcheck disable=SC2086  # a list of words
  for user in $(set -f && printf '%s\n' $SSM_HARDEN_USERS); do
    count=$((count + 1))
    if [ $count -gt 6 ]; then reason='only six users are looked at' && break; fi
    # shellcheck disable=SC2086  # words are counted
    items="$items${items:+, }$(identity "$user" $((3600 / $(set -f && set -- $SSM_HARDEN_USERS && echo $#) + 100)))"
  done
  listed "$items" "$reason"
}

# awk gets file names as arguments and opens them itself: one that cannot be read is no reason to stop, `=` is no assignment.
# shellcheck disable=SC2016  # awk's own variables
INCLUDES='BEGIN { for (n = 1; n < ARGC; n++) { count = 0
  while (count++ < 5000 && (getline line < ARGV[n]) > 0) {
    if (line !~ /^[ \t]*[@#]include(dir)?[ \t]/) continue
    kind = line ~ /^[ \t]*[@#]includedir/ ? "dir" : "file"
    sub(/^[ \t]*[@#]include(dir)?[ \t]+/, "", line)
    if (line ~ /^"/) { line = substr(line, 2); sub(/".*/, "", line) }
    else { gsub(/\\ /, "\001", line); sub(/[ \t].*/, "", line); gsub(/\\/, "", line); gsub("\001", " ", line) }
    gsub(/%h/, host, line); folder = ARGV[n]; sub(/[^\/]*$/, "", folder)
    if (line !~ /^\//) line = folder line
    sub(/\/+$/, "", line)
    if (line != "" && !index(line, "\n")) print kind " " line
  } close(ARGV[n]) } exit }'

# Rules that name a user: who stands before the first `=`, or is in an alias of users. Comments and `!user` are none.
# Prints the lines (print = 1) or the numbers of the files that have any; status 3 where a file could not be read.
# shellcheck disable=SC2016  # awk's own variables
GRANTS='BEGIN { for (n = 1; n < ARGC; n++) { count = 0; whole = ""; any = 0
  while ((got = getline line < ARGV[n]) > 0 && count++ < 20000) {
    if (line ~ /\\$/) { whole = whole substr(line, 1, length(line) - 1); continue }
    line = whole line; whole = ""
    sub(/(^|[ \t])#([^0-9].*)?$/, "", line); gsub(/^[ \t]+|[ \t\r]+$/, "", line)
    if (line ~ /^(Defaults|Runas_Alias|Host_Alias|Cmnd_Alias|Cmd_Alias|[@#]include)/) continue
    who = line; if (line !~ /^User_Alias/) sub(/=.*/, "", who)
    if (who ~ "(^|[^A-Za-z0-9_.!-])(" users ")([^A-Za-z0-9_.-]|$)") { any = 1; if (print_lines) print line }
  }
  close(ARGV[n])
  if (got < 0 || count > 20000) status = 3
  if (any && !print_lines) print n
} exit status }'

sudo_file() { # PATH
  if grants=$(awk -v users="$users" -v print_lines=1 "$GRANTS" "$1" 2>/dev/null | lines 8 900) &&
    awk -v users="$users" "$GRANTS" "$1" >/dev/null 2>&1; then :; else grants=$(unknown 'it could not be read'); fi
  printf '{"path": %s, %s, "grants": %s}' "$(text "$1")" "$(owner_and_mode "$1")" "$grants"
}

is_read() { # PATH: whether sudo reads it: a file, which by a folder has no dot and no ~ at its end
  [ -f "$1" ] || return 1
  case $newline$named$newline in *"$newline$1$newline"*) return 0 ;; esac
  case ${1##*/} in *.* | *'~') return 1 ;; esac
}

sudo_files() {
  if [ "$ELEVATED" = false ]; then not_root && return; fi
  # shellcheck disable=SC2086  # a list of words
  users=$(set -f && printf '%s\n' $SSM_HARDEN_USERS | tr '\n' '|' | sed 's/|$//')
  named='' seen='' level=0
  pending="file /etc/sudoers${newline}dir /etc/sudoers.d"
  [ -e /etc/sudoers ] || pending="$pending${newline}file /usr/etc/sudoers${newline}dir /usr/etc/sudoers.d"
  set --
  while [ -n "$pending" ] && [ $level -lt 6 ]; do
    level=$((level + 1))
    IFS=$newline
    set -f
    for entry in $pending; do
      set +f
      seen=$seen$newline$entry
      case $entry in
        'file '*) named="$named$newline${entry#file }" && set -- "$@" "${entry#file }" ;;
        *) set -- "$@" "${entry#dir }"/* ;;
      esac
    done
    set +f
    unset IFS
    if [ $# -gt 6000 ]; then unknown 'sudo reads more than 6,000 files' && return; fi
    for path in "$@"; do
      if ! is_read "$path"; then dropped=yes && break; fi
    done
    if [ "${dropped:-no}" = yes ]; then
      for path in "$@"; do
        shift
        if is_read "$path"; then set -- "$@" "$path"; fi
      done
    fi
    # What was looked at before is no news, so this ends.
    pending=$(awk -v host="$(uname -n | sed 's/\..*//')" "$INCLUDES" "$@" 2>/dev/null | sort -u | grep -Fxv -e "$seen" | head -n 200)
  done
  rest=''
  if [ -n "$pending" ]; then rest='files include files, deeper than was followed'; fi
  list_sudo_files "$rest" "$@"
}

list_sudo_files() { # REASON FILE...: those that name a user first
  rest=$1 && shift
  flagged=$(awk -v users="$users" "$GRANTS" "$@" 2>/dev/null)
  case $? in 0 | 3) ;; *) unknown 'awk could not read the files' && return ;; esac
  flagged=" $(printf '%s' "$flagged" | tr '\n' ' ') "
  items='' kept=0
  for wanted in yes no; do
    number=0
    for path in "$@"; do
      number=$((number + 1))
      case $flagged in *" $number "*) has=yes ;; *) has=no ;; esac
      if [ $has != $wanted ]; then continue; fi
      item=$(sudo_file "$path")
      if [ $kept -ge 24 ] || [ $((${#items} + ${#item})) -gt 4800 ]; then
        rest="$kept of $# files are listed, those that name a user first${rest:+; $rest}" && break 2
      fi
      items="$items${items:+, }$item" kept=$((kept + 1))
    done
  done
  listed "$items" "$rest"
}

# --- What the agent talks to ----------------------------------------------------------------------------------------

# Sockets of /proc/net/tcp and tcp6 whose inodes the process has open; addresses are little-endian words of hex.
# shellcheck disable=SC2016  # awk's own variables
SOCKETS='function number(hex, i, n) { n = 0; for (i = 1; i <= length(hex); i++) n = n * 16 + index("0123456789ABCDEF", substr(hex, i, 1)) - 1; return n }
  function v4(hex) { return number(substr(hex, 7, 2)) "." number(substr(hex, 5, 2)) "." number(substr(hex, 3, 2)) "." number(substr(hex, 1, 2)) }
  function v6(hex, w, word, out) {
    if (substr(hex, 1, 24) == "0000000000000000FFFF0000") return v4(substr(hex, 25))
    for (w = 0; w < 4; w++) { word = substr(hex, w * 8 + 1, 8)
      out = out (w ? ":" : "") substr(word, 7, 2) substr(word, 5, 2) ":" substr(word, 3, 2) substr(word, 1, 2) }
    return tolower(out)
  }
  BEGIN { n = split(inodes, open, " "); for (i = 1; i <= n; i++) ours[open[i]] = 1 }
  $4 == "01" && ($10 in ours) { split($3, peer, ":"); print name " " (length(peer[1]) == 8 ? v4(peer[1]) : v6(peer[1])) " " number(peer[2]) }'

sockets() { # on Linux: `NAME PEER PORT` lines
  agent_processes | while read -r pid name; do
    if ! [ -r "/proc/$pid/net/tcp" ] || ! ls "/proc/$pid/fd" >/dev/null 2>&1; then
      if [ -d "/proc/$pid" ]; then echo "unread"; fi && continue
    fi
    # shellcheck disable=SC2012  # a socket is named by the kernel
    inodes=$(ls -ln "/proc/$pid/fd" 2>/dev/null | sed -n 's/^.*socket:\[\([0-9]*\)\].*$/\1/p' | head -n 2000 | tr '\n' ' ')
    for table in tcp tcp6; do
      if [ -r "/proc/$pid/net/$table" ]; then awk -v inodes="$inodes" -v name="$name" "$SOCKETS" "/proc/$pid/net/$table" 2>/dev/null; fi
    done
  done
}

lsof_sockets() { # the same on macOS
  bounded 10 lsof -nP -a -iTCP -sTCP:ESTABLISHED -c amazon-ssm-agent -c ssm-agent-worker -c ssm-session-worker -Fcn 2>/dev/null |
    sed -n 's/^c\(.*\)$/c \1/p; s/^n.*->\[\{0,1\}\([0-9a-f.:]*\)\]\{0,1\}:\([0-9]*\)$/n \1 \2/p' |
    awk '$1 == "c" { name = $2 } $1 == "n" { print name " " $2 " " $3 }'
}

connections() {
  if [ "$ELEVATED" = false ]; then not_root && return; fi
  case $PLATFORM in macos) if ! command -v lsof >/dev/null 2>&1; then unknown 'there is no lsof' && return; fi ;; *)
    if ! [ -r /proc/1/comm ]; then unknown '/proc does not show processes' && return; fi ;;
  esac
  case $PLATFORM in macos) found=$(lsof_sockets) ;; *) found=$(sockets) ;; esac
  # Other ports than 443 come first, where not all find room.
  printf '%s\n' "$found" | awk 'NF == 1 { print } NF == 3 { print ($3 == 443) " " $0 }' | sort -u | awk '
    NF == 1 { reason = "the sockets of a process could not be read" }
    NF == 4 && ++seen <= 16 { out = out (out == "" ? "" : ", ") "{\"process\": \"" $2 "\", \"peer\": \"" $3 "\", \"port\": " $4 "}" }
    END { if (seen > 16) reason = "16 of " seen " are listed"
      printf "{\"items\": [%s], \"more\": %s}", out, (reason == "" ? "null" : "\"" reason "\"") }'
}

addresses() { # NAME: one a line; status 124 where the resolver was too slow, 127 where there is nothing to ask it with
  if command -v getent >/dev/null 2>&1; then
    answer=$(bounded 3 getent ahosts "$1" 2>/dev/null)
    case $? in 124 | 143) return 124 ;; esac
    printf '%s\n' "$answer" | sed -n 's/^\([0-9a-f.:]*\)[[:space:]].*$/\1/p' | sort -u
  elif command -v dscacheutil >/dev/null 2>&1; then
    bounded 3 dscacheutil -q host -a name "$1" | sed -n 's/^ip.*_address: *\([0-9a-f.:]*\)$/\1/p' | sort -u
  else
    return 127
  fi
}

names() {
  where=$(region)
  if [ -z "$where" ]; then unknown 'nothing here says in which Region this is' && return; fi
  case $where in cn-*) suffix=amazonaws.com.cn ;; *) suffix=amazonaws.com ;; esac
  items='' slow=''
  for service in ssm ssmmessages ec2messages kms logs s3; do
    name=$service.$where.$suffix
    if [ -n "$slow" ]; then answer=$(unknown "$slow"); else
      found=$(addresses "$name")
      case $? in
        124) slow='the resolver did not answer in 3 seconds' && answer=$(unknown "$slow") ;;
        127) slow='there is no getent to ask the resolver with' && answer=$(unknown "$slow") ;;
        *) answer=$(printf '%s\n' "$found" | lines 6 160) ;;
      esac
    fi
    items="$items${items:+, }{\"name\": $(text "$name"), \"addresses\": $answer}"
  done
  listed "$items" ''
}

# --- Logs of sessions left on disk: how many and how old, never what is in them ------------------------------------

session_logs() {
  if [ "$ELEVATED" = false ]; then printf '{"files": %s, "oldest_days": %s}' "$(not_root)" "$(not_root)" && return; fi
  if is_lost; then printf '{"files": %s, "oldest_days": %s}' "$(lost)" "$(lost)" && return; fi
  set -- "$DATA"/*/session/orchestration
  if [ "$1" = "$DATA/*/session/orchestration" ]; then printf '{"files": 0, "oldest_days": null}' && return; fi
  if [ "$PLATFORM" = macos ]; then flag=-f format=%m; else flag=-c format=%Y; fi
  {
    bounded 20 find "$@" -xdev -type f -exec stat $flag $format {} + 2>/dev/null
    echo "status $?"
  } | awk -v now="$(date +%s)" '
    $1 == "status" { status = $2; next }
    { files++; if (files == 1 || $1 < oldest) oldest = $1 }
    END {
      gap = "{\"unknown\": \"find did not end well\"}"
      if (status) { printf "{\"files\": %s, \"oldest_days\": %s}", gap, gap; exit }
      printf "{\"files\": %d, \"oldest_days\": %s}", files, (files ? int((now > oldest ? now - oldest : 0) / 86400) : "null")
    }'
}

# --- The document ---------------------------------------------------------------------------------------------------

document() { # CONFIG SUDO_FILES
  printf '{"schema": "ssm-harden/host/1", "text": "bytes",\n'
  printf '"probe": {"platform": "%s", "elevated": %s, "finished": true},\n' "$PLATFORM" "$ELEVATED"
  printf '"node": {"id": %s, "hostname": %s, "os": %s},\n' "$(node_id)" "$(text "$(uname -n | cut -c1-100)")" "$(os_name)"
  printf '"agent": {"version": %s, "service": %s, "autostart": %s, "config": %s},\n' "$(agent_version)" "$(service)" "$(autostart)" "$1"
  printf '"identities": %s,\n"sudo_files": %s,\n' "$(identities)" "$2"
  printf '"administrators": null, "domain": null, "powershell": null,\n'
  printf '"connections": %s,\n"names": %s,\n' "$(connections)" "$(names)"
  printf '"tools": {"script": %s, "screen": %s},\n' "$(text_or_null "$(find_tool script)")" "$(text_or_null "$(find_tool screen)")"
  printf '"session_logs": %s}\n' "$(session_logs)"
}

evidence=$(document "$(agent_config)" "$(sudo_files)")
# The parts are bounded so that they fit together; if they ever do not, the large ones go.
if [ ${#evidence} -gt 22990 ]; then evidence=$(document "$(unknown 'the document became too long')" "$(unknown 'the document became too long')"); fi
printf '%s\n' "$evidence"
