#!/bin/sh
# The host baseline of a Linux node: users for sessions, what recordings need, no sudo for ssm-user.
#
# Runs as root, as often as wanted: a second run changes nothing. It only adds, unless it is told to remove privileges.
# Nothing is overwritten without a copy in /var/lib/ssm-harden/backup; linux-rollback.sh puts these copies back.
#
# Environment
#   SSM_HARDEN_RUN_AS_USER        name of an unprivileged user that is made if the node does not know it; empty: none
#   SSM_HARDEN_REMOVE_PRIVILEGES  true: /etc/sudoers.d/ssm-agent-users holds a comment only; false (default): left alone
#   SSM_HARDEN_INSTALL_TOOLS      true: script and screen are installed if missing; false (default): left alone
#   SSM_HARDEN_AGENT_CONFIG       text of amazon-ssm-agent.json; empty (default): the file is left alone
#
# Exit status: 0 all is as it should be, else the first of these that applies (the other steps are done nevertheless)
#   10  it could not start (not root, not Linux, a wrong setting); nothing was changed
#   11  the sudoers file was not replaced; the one before is in place
#   12  something else gives a session's user root rights: it is named, and left to a person
#   13  a user could not be made
#   14  script or screen is missing still
#   15  amazon-ssm-agent.json was not written by us and is left as it is, or could not be written
#   16  the agent must be restarted, which waits until no session is open

set -u
umask 077
PATH=/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL

: "${SSM_HARDEN_RUN_AS_USER=}"
: "${SSM_HARDEN_REMOVE_PRIVILEGES=false}"
: "${SSM_HARDEN_INSTALL_TOOLS=false}"
: "${SSM_HARDEN_AGENT_CONFIG=}"

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

# The worst is the lowest status.
problem() {
  printf 'ssm-harden: %s\n' "$2" >&2
  if [ "$STATUS" -eq 0 ] || [ "$1" -lt "$STATUS" ]; then
    STATUS=$1
  fi
}

stop() {
  printf 'ssm-harden: %s\n' "$1" >&2
  exit 10
}

forget_temporary() {
  if [ -n "$TEMPORARY" ]; then
    rm -f -- "$TEMPORARY"
  fi
  TEMPORARY=
}

have() { command -v "$1" >/dev/null 2>&1; }

exists() { id -u "$1" >/dev/null 2>&1; }

# --- settings ---------------------------------------------------------------------------------------------------------

check_flag() {
  case $2 in
    true | false) ;;
    *) stop "$1 is neither true nor false" ;;
  esac
}

check_run_as_user() {
  case $SSM_HARDEN_RUN_AS_USER in
    '') return ;;
    *[!a-z0-9_-]* | [!a-z_]*) stop "SSM_HARDEN_RUN_AS_USER is no name of a user" ;;
    root | toor | ssm-user | ec2-user | ubuntu | admin | administrator | centos | debian | fedora | rocky | almalinux | \
      cloud-user | bitnami) stop "SSM_HARDEN_RUN_AS_USER names a user with root rights" ;;
  esac
  [ "${#SSM_HARDEN_RUN_AS_USER}" -le 32 ] || stop "SSM_HARDEN_RUN_AS_USER is longer than 32 characters"
}

check_settings() {
  [ "$(uname -s)" = Linux ] || stop "this is the baseline of Linux nodes"
  [ "$(id -u)" -eq 0 ] || stop "it must run as root"
  check_flag SSM_HARDEN_REMOVE_PRIVILEGES "$SSM_HARDEN_REMOVE_PRIVILEGES"
  check_flag SSM_HARDEN_INSTALL_TOOLS "$SSM_HARDEN_INSTALL_TOOLS"
  check_run_as_user
}

# --- copies of what was there -----------------------------------------------------------------------------------------

# Others must not be able to plant what the rollback would put back.
make_folders() {
  for folder in "$STATE" "$BACKUP"; do
    [ -d "$folder" ] || mkdir -m 0700 "$folder" || stop "$folder cannot be made"
    [ ! -L "$folder" ] || stop "$folder is a symbolic link"
    [ "$(stat -c %u "$folder")" = 0 ] || stop "$folder does not belong to root"
    chmod 0700 "$folder" || stop "$folder cannot be closed to others"
  done
}

same() { [ -f "$1" ] && [ -f "$2" ] && [ "$(cksum <"$1")" = "$(cksum <"$2")" ]; }

# keep FILE NAME: what stood there first is NAME (or NAME.absent); what stands there later is kept beside it.
keep() {
  if [ ! -e "$1" ]; then
    [ -e "$BACKUP/$2" ] || : >"$BACKUP/$2.absent"
    return
  fi
  kept=$BACKUP/$2
  if [ -e "$kept" ] || [ -e "$kept.absent" ]; then
    ! same "$1" "$kept" || return 0
    kept=$BACKUP/$2.$(cksum <"$1" | tr ' ' -)
    [ ! -e "$kept" ] || return 0
  fi
  # Under another name first: half a copy must never pass for the whole.
  cp -p -- "$1" "$kept.part" && mv -f -- "$kept.part" "$kept"
}

# --- users ------------------------------------------------------------------------------------------------------------

has_group() {
  if have getent; then
    getent group "$1" >/dev/null 2>&1
  else
    grep -q "^$1:" /etc/group
  fi
}

# A group of the same name may carry rights (wheel, docker), so that a new user never joins one that is there.
add_user() {
  shell=/bin/sh
  [ ! -x /bin/bash ] || shell=/bin/bash
  if have useradd; then
    if ! has_group "$1"; then
      useradd -m -U -s "$shell" "$1"
    elif has_group users; then
      useradd -m -N -g users -s "$shell" "$1"
    else
      return 1
    fi
  elif have adduser && ! has_group "$1"; then
    adduser -D -s "$shell" "$1"
  else
    return 1
  fi
}

make_user() {
  if exists "$1"; then
    say "user $1 is there and stays as it is"
  elif add_user "$1" && exists "$1"; then
    say "user $1 was made"
    printf '%s\n' "$1" >>"$STATE/users-made"
  else
    problem 13 "user $1 could not be made"
  fi
}

make_run_as_user() {
  make_user "$SSM_HARDEN_RUN_AS_USER"
  exists "$SSM_HARDEN_RUN_AS_USER" || return
  if [ "$(id -u "$SSM_HARDEN_RUN_AS_USER")" -eq 0 ] || [ "$(id -g "$SSM_HARDEN_RUN_AS_USER")" -eq 0 ]; then
    problem 12 "user $SSM_HARDEN_RUN_AS_USER has uid or gid 0, so that the agent refuses it: choose another name"
  fi
}

# --- sudo -------------------------------------------------------------------------------------------------------------

is_stub() {
  [ -f "$SUDOERS" ] && [ ! -L "$SUDOERS" ] && [ "$(cat "$SUDOERS")" = "$STUB" ] &&
    [ "$(stat -c '%u %g %a' "$SUDOERS")" = '0 0 440' ]
}

# sudo passes over names with a dot, so that a file under way is never read.
prepare() {
  TEMPORARY=$(mktemp "$SUDOERS_FOLDER/.ssm-harden.XXXXXX") || return 1
  if [ "$1" = stub ]; then
    printf '%s\n' "$STUB" >"$TEMPORARY" || return 1
    chown 0:0 "$TEMPORARY" && chmod 0440 "$TEMPORARY"
  else
    cp -p -- "$1" "$TEMPORARY"
  fi
}

into_place() {
  mv -f -- "$TEMPORARY" "$SUDOERS" || return 1
  TEMPORARY=
}

# Without visudo nothing can be checked; where there is no sudo either, nobody reads the file.
checked() {
  if have visudo; then
    visudo "$@" >/dev/null 2>&1
  else
    ! have sudo
  fi
}

put_back() {
  if [ -n "$1" ]; then
    prepare "$1" && into_place
  else
    rm -f -- "$SUDOERS"
  fi
}

swap() {
  was_sound=true
  checked -c || was_sound=false
  before=
  if [ -e "$SUDOERS" ]; then
    before=$kept
  fi
  prepare stub && checked -cf "$TEMPORARY" && into_place || return 1
  checked -c && return
  if $was_sound; then
    put_back "$before"
    return 1
  fi
  problem 12 "other files of sudo have errors: see visudo -c"
}

# Without a copy of what stands there, nothing is replaced.
kept_for_swap() {
  kept=
  keep "$SUDOERS" ssm-agent-users || return 1
  [ ! -e "$SUDOERS" ] || same "$SUDOERS" "$kept"
}

put_stub() {
  if [ ! -d "$SUDOERS_FOLDER" ]; then
    if have sudo; then
      problem 11 "there is sudo, but no $SUDOERS_FOLDER: nothing was put in place"
    fi
  elif is_stub; then
    say "$SUDOERS is as it should be"
  elif [ -L "$SUDOERS" ] || { [ -e "$SUDOERS" ] && [ ! -f "$SUDOERS" ]; }; then
    problem 11 "$SUDOERS is no regular file and stays as it is"
  elif kept_for_swap && swap; then
    say "$SUDOERS holds a comment only; what was there is in $BACKUP"
  else
    problem 11 "$SUDOERS could not be replaced and is as it was"
  fi
  forget_temporary
}

# Groups that are as good as root without sudo.
report_groups() {
  for group in $(id -nG "$1"); do
    case $group in
      root | docker | lxd | incus-admin | libvirt | microk8s | disk | shadow | kmem)
        problem 12 "user $1 is in group $group, which is as good as root" ;;
    esac
  done
}

report_sudo() {
  have sudo || return 0
  listed=$(sudo -n -l -U "$1" 2>&1 </dev/null)
  case $listed in
    *'may run the following'*)
      problem 12 "user $1 (groups: $(id -nG "$1")) still has sudo:"
      printf '%s\n' "$listed" | sed -n '/may run the following/,$p' | head -n 40 >&2
      ;;
    *'is not allowed to run sudo'*) say "user $1 has no sudo" ;;
    *) problem 12 "sudo does not say what user $1 may do: $listed" ;;
  esac
}

report_rights() {
  exists "$1" || return 0
  if [ "$(id -u "$1")" -eq 0 ]; then
    problem 12 "user $1 has uid 0"
  fi
  report_groups "$1"
  report_sudo "$1"
}

# The stub comes first: the agent brings its own sudoers file only together with a user that it makes.
remove_privileges() {
  put_stub
  if is_stub || ! have sudo; then
    make_user ssm-user
  fi
  report_rights ssm-user
}

# --- tools of recording -----------------------------------------------------------------------------------------------

install_package() {
  if have dnf; then
    dnf -q -y install "$1"
  elif have yum; then
    yum -q -y install "$1"
  elif have apt-get; then
    DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=60 update
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=60 install --no-install-recommends "$1"
  elif have zypper; then
    zypper --non-interactive --quiet install --no-recommends "$1"
  else
    printf 'ssm-harden: none of dnf, yum, apt-get, zypper is here\n' >&2
    return 1
  fi
}

# ensure COMMAND PACKAGE...: the name of the package differs, so one after the other is tried.
ensure() {
  wanted=$1
  shift
  for package in "$@"; do
    have "$wanted" && return
    install_package "$package" </dev/null
  done
  have "$wanted" || problem 14 "$wanted is missing and could not be installed (tried: $*)"
}

install_tools() {
  if have apt-get; then
    ensure script bsdutils
  else
    ensure script util-linux util-linux-script
  fi
  ensure screen screen
}

# --- the agent --------------------------------------------------------------------------------------------------------

is_ours() {
  [ ! -e "$AGENT_CONFIG" ] || { [ ! -L "$AGENT_CONFIG" ] && same "$AGENT_CONFIG" "$STATE/amazon-ssm-agent.json"; }
}

write_config() {
  keep "$AGENT_CONFIG" amazon-ssm-agent.json || return 1
  TEMPORARY=$(mktemp "$AGENT_FOLDER/.ssm-harden.XXXXXX") || return 1
  printf '%s\n' "$SSM_HARDEN_AGENT_CONFIG" >"$TEMPORARY" || return 1
  chown 0:0 "$TEMPORARY" && chmod 0600 "$TEMPORARY" || return 1
  # What is ours is known by this copy; were it written after, a stop in between would make our file a foreign one.
  cp -p -- "$TEMPORARY" "$STATE/amazon-ssm-agent.json.next" || return 1
  mv -f -- "$TEMPORARY" "$AGENT_CONFIG" || return 1
  TEMPORARY=
  mv -f -- "$STATE/amazon-ssm-agent.json.next" "$STATE/amazon-ssm-agent.json" && : >"$STATE/restart-agent"
}

# A run that was stopped between the two moves left its copy as .next.
finish_config() {
  if same "$AGENT_CONFIG" "$STATE/amazon-ssm-agent.json.next"; then
    mv -f -- "$STATE/amazon-ssm-agent.json.next" "$STATE/amazon-ssm-agent.json" && : >"$STATE/restart-agent"
  fi
}

configure_agent() {
  finish_config
  if [ ! -d "$AGENT_FOLDER" ]; then
    problem 15 "there is no $AGENT_FOLDER: no agent, or one that keeps its configuration elsewhere (snap)"
  elif ! is_ours; then
    problem 15 "$AGENT_CONFIG was not written by this baseline and stays as it is"
  elif [ -f "$AGENT_CONFIG" ] && [ "$(cat "$AGENT_CONFIG")" = "$SSM_HARDEN_AGENT_CONFIG" ]; then
    chown 0:0 "$AGENT_CONFIG" && chmod 0600 "$AGENT_CONFIG" && say "$AGENT_CONFIG is as it should be"
  elif write_config; then
    say "$AGENT_CONFIG was written"
  else
    problem 15 "$AGENT_CONFIG could not be written"
  fi
  forget_temporary
}

# The kernel cuts the name of a process to 15 characters.
session_open() {
  for name in /proc/[0-9]*/comm; do
    read -r process 2>/dev/null <"$name" || continue
    [ "$process" != ssm-session-wor ] || return 0
  done
  return 1
}

restart_agent() {
  [ -e "$STATE/restart-agent" ] || return 0
  if session_open; then
    problem 16 "the agent takes up its configuration at the next run without an open session"
  elif [ -d /run/systemd/system ] && systemctl --no-block try-restart amazon-ssm-agent; then
    rm -f -- "$STATE/restart-agent"
    say "the agent is restarted"
  else
    problem 16 "the agent could not be restarted: its configuration holds from its next start on"
  fi
}

# --- all of it --------------------------------------------------------------------------------------------------------

trap forget_temporary EXIT
trap 'exit 130' HUP INT TERM

check_settings
make_folders
if [ -n "$SSM_HARDEN_RUN_AS_USER" ]; then
  make_run_as_user
fi
if [ "$SSM_HARDEN_REMOVE_PRIVILEGES" = true ]; then
  remove_privileges
fi
if [ -n "$SSM_HARDEN_RUN_AS_USER" ]; then
  report_rights "$SSM_HARDEN_RUN_AS_USER"
fi
if [ "$SSM_HARDEN_INSTALL_TOOLS" = true ]; then
  install_tools
fi
if [ -n "$SSM_HARDEN_AGENT_CONFIG" ]; then
  configure_agent
fi
restart_agent
exit "$STATUS"
