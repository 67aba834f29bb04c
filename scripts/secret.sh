#!/bin/sh
# secret.sh FILE: print the secret in FILE; make one first if there is none.
#
# Several containers may do this at the same time: each writes its own file, and only one of them can rename it to FILE.
set -eu
umask 077

if [ ! -s "$1" ]; then
  fresh=$(mktemp "$1.XXXXXX")
  trap 'rm -f "$fresh"' EXIT
  od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"$fresh"
  sync "$fresh"
  ln "$fresh" "$1" 2>/dev/null || [ -s "$1" ] || { echo "secret.sh: $1 can't be made" >&2; exit 1; }
fi
cat "$1"
