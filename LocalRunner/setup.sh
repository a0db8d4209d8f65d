# Shell functions of quickstart and the test scripts: install missing packages and build. Source this file.

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# The linked C libraries, and PostgreSQL for the embedded database.
needed_packages="ca-certificates libpq-dev libcurl4-openssl-dev libssl-dev libxml2-dev zlib1g-dev postgresql"

# Installs those of the given Debian packages that are missing, and prints their names.
install_packages() {
  local package missing=()
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "Installing ${missing[*]}" >&2
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "Packages are missing and sudo is not available. Run as root: apt-get install ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -q >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >&2
}

# Fails with a message if Swift 6.2 or newer is not installed.
require_swift() {
  local version
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
  if [ -z "$version" ] || [ "$(printf '%s\n' 6.2 "$version" | sort -V | head -n 1)" != 6.2 ]; then
    echo "Swift 6.2 or newer is required, found: ${version:-none}. Install it: https://www.swift.org/install/linux/" >&2
    return 1
  fi
}

# Links the static C++ library, if it is installed, into the folder where Package.swift looks for it.
link_archives() {
  local archive
  archive=$(clang -print-file-name=libstdc++.a 2>/dev/null) || return 0
  [ ! -f "$archive" ] || { mkdir -p "$project/.build/archives" && ln -sf "$archive" "$project/.build/archives/"; }
}

# Builds the functions and the runner in release mode; the compiler's output goes to stderr.
build_release() {
  require_swift
  link_archives
  [ -x "$project/.build/release/local-runner" ] || echo "Building; the first build takes about three minutes" >&2
  swift build --package-path "$project" -c release --static-swift-stdlib >&2
}
