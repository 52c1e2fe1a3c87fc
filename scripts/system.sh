# Programs of the system: what is missing, and apt to install it. Sourced by setup.sh.

python_is_good='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'

is_there() { # is_there PROBES: a program on the PATH or a file that matches; | is or
  local probe found
  local IFS='|'
  for probe in $1; do
    case $probe in
      /*) for found in $probe; do [ -e "$found" ] && return 0; done ;;
      *) command -v "$probe" >/dev/null && return 0 ;;
    esac
  done
  return 1
}

missing_of() { # missing_of LIST: the packages of scripts/packages-LIST.txt that are not there, with their ? marks
  local package probes
  while read -r package probes; do
    case $package in '' | '#'*) continue ;; esac
    is_there "$probes" || echo "$package"
  done <"scripts/packages-$1.txt"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "This takes root, and there is no sudo here. As root, run: $*" >&2
    exit 2
  fi
}

apt_updated=
apt_update() { # once in a run, and only when something is going to be installed
  if [ -n "$apt_updated" ]; then
    return
  fi
  as_root apt-get -qq -o DPkg::Lock::Timeout=300 update || echo "apt-get update failed; trying with the lists that are here." >&2
  apt_updated=yes
}

apt_has() { # apt_has PACKAGE (no pipe into grep -q: apt-cache would be ended by it, and pipefail would call that a no)
  case $(LC_ALL=C apt-cache policy "$1" 2>/dev/null) in
    *'Candidate: (none)'* | '') return 1 ;;
  esac
}

apt_install() {
  local output
  echo "Installing with apt: $*"
  if ! output=$(as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
    -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install "$@" 2>&1); then
    printf '%s\n' "$output" | tail -n 30 >&2
    echo "apt could not install: $*" >&2
    exit 3
  fi
}

need_programs() { # need_programs LIST...: install what is missing of these lists
  local list package missing=() wanted=()
  for list in "$@"; do
    mapfile -t -O "${#missing[@]}" missing < <(missing_of "$list")
  done
  if [ "${#missing[@]}" = 0 ]; then
    return
  fi
  if ! command -v apt-get >/dev/null; then
    tell_without_apt "${missing[@]}"
    return
  fi
  echo "Not on this machine yet: ${missing[*]%\?}"
  apt_update
  for package in "${missing[@]}"; do
    if [ "$package" = "${package%\?}" ] || apt_has "${package%\?}"; then
      wanted+=("${package%\?}")
    else
      echo "Going on without ${package%\?}: apt has no such package."
    fi
  done
  if [ "${#wanted[@]}" -gt 0 ]; then
    apt_install "${wanted[@]}"
  fi
}

tell_without_apt() { # there is no apt: list what to install; end only where something is needed and not wished for
  local package needed=() wished=()
  for package in "$@"; do
    case $package in
      *\?) wished+=("${package%\?}") ;;
      *) needed+=("$package") ;;
    esac
  done
  if [ "${#wished[@]}" -gt 0 ]; then
    echo "Going on without (your system's counterparts of these packages of Debian): ${wished[*]}"
  fi
  if [ "${#needed[@]}" -gt 0 ]; then
    {
      echo "There is no apt on this machine. Install your system's counterparts of these packages of Debian, then come again:"
      printf '  %s\n' "${needed[@]}"
    } >&2
    exit 2
  fi
}

find_python() { # sets python to one that is 3.11 or later and can make virtual environments
  local package
  try_pythons && return
  if command -v apt-get >/dev/null; then
    echo "There is no Python 3.11 or later here that can make virtual environments."
    apt_update
    for package in python3-venv python3.13-venv python3.12-venv python3.11-venv; do
      apt_has "$package" || continue
      apt_install "$package"
      try_pythons && return
    done
  fi
  echo "guiagent takes Python 3.11 or later, with its venv module. Install it, or name it: make PYTHON=/path/to/python3.12 ..." >&2
  exit 2
}

try_pythons() { # a pyenv shim is on the PATH for each version it knows of, so each is tried and not only looked for
  local name
  hash -r
  for name in "${PYTHON:-}" python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
    if [ -n "$name" ] && "$name" -c "$python_is_good" >/dev/null 2>&1; then
      python=$name
      return 0
    fi
  done
  return 1
}
