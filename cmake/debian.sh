# For ./quickstart and ./check: `need PACKAGE...` installs those that are missing, by Debian's apt-get.
# When nothing is missing it asks nobody, so that a second run works at once and without a network.

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  else
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

need() {
  if ! command -v dpkg-query >/dev/null; then
    echo "This system has no Debian packages: going on in the hope that these are there: $*"
    return 0
  fi
  missing=
  for package in "$@"; do
    is_installed "$package" || missing="$missing $package"
  done
  if [ -z "$missing" ]; then
    echo "All Debian packages that are needed are installed."
    return 0
  fi
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    echo "These Debian packages are missing:$missing" >&2
    echo "To install them this must run as root, or sudo must be there; or ask for: apt-get install$missing" >&2
    return 1
  fi
  echo "Installing from Debian:$missing"
  log=$(mktemp)
  # shellcheck disable=SC2086
  if as_root apt-get update -q >"$log" 2>&1 &&
    as_root apt-get install -q -y --no-install-recommends $missing >>"$log" 2>&1; then
    rm -f "$log"
  else
    tail -n 20 "$log" >&2
    rm -f "$log"
    echo "apt-get could not install them: see above." >&2
    return 1
  fi
}
