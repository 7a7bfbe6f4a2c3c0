#!/bin/sh
# Takes back what the host baseline replaced on a Linux node: the sudoers file of ssm-user and the agent's configuration.
#
# Runs as root, as often as wanted. It puts the copies in /var/lib/ssm-harden/backup back, and only over files that are
# as the baseline left them. Users and packages stay. While an association still removes privileges, its next run
# removes them again: set remove_privileges to false first.
#
# Exit status: 0 all is as it was before, else the first of these that applies
#   10  it could not start (not root); nothing was changed
#   11  the sudoers file was not put back: it was changed since, or the copy has errors
#   15  amazon-ssm-agent.json was not put back: it was changed since
#   16  the agent must be restarted, which waits until no session is open: run this again

set -u
umask 077
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL

SUDOERS_FOLDER=/etc/sudoers.d
SUDOERS=$SUDOERS_FOLDER/ssm-agent-users
AGENT_FOLDER=/etc/amazon/ssm
AGENT_CONFIG=$AGENT_FOLDER/amazon-ssm-agent.json
STATE=/var/lib/ssm-harden
BACKUP=$STATE/backup
STUB='# Kept by ssm-harden: ssm-user has no sudo. The host baseline writes this file anew; change it there.'

STATUS=0
TEMPORARY=

say() { printf '%s\n' "$*"; }

problem() {
  printf 'ssm-harden: %s\n' "$2" >&2
  if [ "$STATUS" -eq 0 ] || [ "$1" -lt "$STATUS" ]; then
    STATUS=$1
  fi
}

forget_temporary() {
  if [ -n "$TEMPORARY" ]; then
    rm -f -- "$TEMPORARY"
  fi
  TEMPORARY=
}

have() { command -v "$1" >/dev/null 2>&1; }

same() { [ -f "$1" ] && [ -f "$2" ] && [ "$(cksum <"$1")" = "$(cksum <"$2")" ]; }

# Copies that others could have planted are not put back.
trusted_folder() {
  for folder in "$STATE" "$BACKUP"; do
    [ -d "$folder" ] && [ ! -L "$folder" ] && [ "$(stat -c '%u %a' "$folder")" = '0 700' ] || return 1
  done
}

# --- sudo -------------------------------------------------------------------------------------------------------------

checked() {
  if have visudo; then
    visudo "$@" >/dev/null 2>&1
  else
    ! have sudo
  fi
}

# sudo passes over names with a dot, so that a file under way is never read.
place() {
  TEMPORARY=$(mktemp "$SUDOERS_FOLDER/.ssm-harden.XXXXXX") || return 1
  cp -p -- "$1" "$TEMPORARY" && checked -cf "$TEMPORARY" || return 1
  # Old agents made it 0640, which sudo does not want.
  chown 0:0 "$TEMPORARY" && chmod 0440 "$TEMPORARY" && mv -f -- "$TEMPORARY" "$SUDOERS" || return 1
  TEMPORARY=
}

swap() {
  was_sound=true
  checked -c || was_sound=false
  place "$BACKUP/ssm-agent-users" || return 1
  checked -c && return
  $was_sound || return 0
  printf '%s\n' "$STUB" >"$STATE/stub" && place "$STATE/stub"
  rm -f -- "$STATE/stub"
  return 1
}

is_stub() { [ -f "$SUDOERS" ] && [ ! -L "$SUDOERS" ] && [ "$(cat "$SUDOERS")" = "$STUB" ]; }

restore_sudoers() {
  if same "$BACKUP/ssm-agent-users" "$SUDOERS" || { [ -e "$BACKUP/ssm-agent-users.absent" ] && [ ! -e "$SUDOERS" ]; }; then
    say "$SUDOERS is as it was before"
  elif ! is_stub; then
    problem 11 "$SUDOERS is not as the baseline left it and stays as it is"
  elif [ -e "$BACKUP/ssm-agent-users.absent" ]; then
    rm -f -- "$SUDOERS"
    say "$SUDOERS was not there before and is gone again; ssm-user, if it is there, has no sudo"
  elif swap; then
    say "$SUDOERS is back: ssm-user has the sudo that it had"
  else
    problem 11 "$SUDOERS was not put back: the copy in $BACKUP has errors"
  fi
  forget_temporary
}

# --- the agent --------------------------------------------------------------------------------------------------------

put_config() {
  TEMPORARY=$(mktemp "$AGENT_FOLDER/.ssm-harden.XXXXXX") || return 1
  cp -p -- "$BACKUP/amazon-ssm-agent.json" "$TEMPORARY" && mv -f -- "$TEMPORARY" "$AGENT_CONFIG" || return 1
  TEMPORARY=
}

restore_config() {
  [ -e "$STATE/amazon-ssm-agent.json" ] || return 0
  if ! same "$AGENT_CONFIG" "$STATE/amazon-ssm-agent.json"; then
    problem 15 "$AGENT_CONFIG is not as the baseline left it and stays as it is"
    return
  fi
  : >"$STATE/restart-agent"
  if [ -e "$BACKUP/amazon-ssm-agent.json.absent" ]; then
    rm -f -- "$AGENT_CONFIG"
  else
    put_config || problem 15 "$AGENT_CONFIG could not be put back"
  fi
  forget_temporary
  same "$AGENT_CONFIG" "$STATE/amazon-ssm-agent.json" || rm -f -- "$STATE/amazon-ssm-agent.json"
}

session_open() {
  for name in /proc/[0-9]*/comm; do
    read -r process 2>/dev/null <"$name" || continue
    [ "$process" != ssm-session-wor ] || return 0
  done
  return 1
}

restart_agent() {
  [ -e "$STATE/restart-agent" ] || return 0
  if ! session_open && [ -d /run/systemd/system ] && systemctl --no-block try-restart amazon-ssm-agent; then
    rm -f -- "$STATE/restart-agent"
    say "the agent is restarted"
  else
    problem 16 "the agent was not restarted: its configuration holds from its next start on"
  fi
}

# --- all of it --------------------------------------------------------------------------------------------------------

trap forget_temporary EXIT
trap 'exit 130' HUP INT TERM

if [ "$(id -u)" -ne 0 ]; then
  printf 'ssm-harden: it must run as root\n' >&2
  exit 10
fi
if [ ! -d "$STATE" ]; then
  say "the baseline replaced nothing on this node"
  exit 0
fi
if ! trusted_folder; then
  printf 'ssm-harden: %s is not for root alone, so that nothing in it is trusted\n' "$STATE" >&2
  exit 10
fi
if [ -e "$BACKUP/ssm-agent-users" ] || [ -e "$BACKUP/ssm-agent-users.absent" ]; then
  restore_sudoers
fi
restore_config
if [ -s "$STATE/users-made" ]; then
  say "users that the baseline made, and that stay: $(tr '\n' ' ' <"$STATE/users-made")"
fi
restart_agent
exit "$STATUS"
