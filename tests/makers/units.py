"""systemctl, played in a scratch machine, where systemd is not process 1: the units by their own lines."""

from tests.makers.scratch import AS_USER

# Remembers what is enabled and active. The milter runs in the background until it is stopped; a timer's service runs
# once, at its start, where TIMERS is set, and has to end well.
SYSTEMCTL = f"""#!/bin/bash
set -u
state=/run/units; mkdir -p $state; words=(); now=
echo "$*" >>$state/log
for word; do
  case $word in --now) now=1 ;; -*) ;; *) words+=("$word") ;; esac
done
line() {{ sed -n "s/^$1=//p" "$file"; }}
milter() {{
  if [ -e $state/pid ]; then
    kill "$(cat $state/pid)"
    while kill -0 "$(cat $state/pid)" 2>/dev/null; do sleep 0.1; done
  fi
  rm -f $state/pid; [ "$1" = start ] || return 0
  install -d -o gatepost -g gatepost /run/gatepost
  cd /var/lib/gatepost
  {AS_USER} $(line ExecStartPre) >>/var/log/gatepost.log 2>&1 || return 1
  setsid {AS_USER} $(line ExecStart) </dev/null >>/var/log/gatepost.log 2>&1 &
  echo $! >$state/pid
  [ -n "$now" ] || return 0
  for _ in $(seq 600); do
    curl -sf http://127.0.0.1:9825/readyz >/dev/null && return 0
    sleep 0.2
  done
  cat /var/log/gatepost.log; return 1
}}
once() {{
  file=/etc/systemd/system/${{unit%.timer}}.service
  for folder in $(line RuntimeDirectory); do install -d -o gatepost -g gatepost /run/$folder; done
  {AS_USER} $(line ExecStart); code=$?
  case " 0 $(line SuccessExitStatus) " in *" $code "*) ;; *) echo "$file: $code"; return 1 ;; esac
}}
start() {{
  touch $state/$unit.active
  case $unit in
    gatepost-milter) milter start ;;
    *.timer) [ -z "${{TIMERS:-}}" ] || once ;;
  esac
}}
verb=${{words[0]}}
for unit in "${{words[@]:1}}"; do
  unit=${{unit%.service}}; file=/etc/systemd/system/$unit
  [ -e "$file" ] || file+=.service
  case $verb in
    show) [ -e "$file" ] && loaded=loaded || loaded=not-found
      [ -e $state/$unit.active ] && active=active || active=inactive
      printf 'LoadState=%s\\nActiveState=%s\\nSubState=%s\\n' $loaded $active $active ;;
    is-enabled) [ -e $state/$unit.enabled ] && echo enabled || {{ echo disabled; exit 1; }} ;;
    is-active) [ -e $state/$unit.active ] || exit 1 ;;
    enable) [ -e "$file" ] || exit 1
      touch $state/$unit.enabled; [ -z "$now" ] || start || exit 1 ;;
    disable) rm -f $state/$unit.enabled; [ -z "$now" ] || {{ rm -f $state/$unit.active; milter stop; }} ;;
    start | restart) start || exit 1 ;;
    stop) rm -f $state/$unit.active; [ $unit != gatepost-milter ] || milter stop ;;
    reload) kill -HUP "$(cat $state/pid)" ;;
  esac
done
"""
