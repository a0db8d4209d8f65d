# What quickstart and the tests share: installing what is missing, and building. Sourced, not run.

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# The C libraries that are linked, and the PostgreSQL that the embedded database is made of.
needed_packages="ca-certificates libpq-dev libcurl4-openssl-dev libssl-dev libxml2-dev zlib1g-dev postgresql"

# Installs the Debian packages among its arguments that are missing, and says so.
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
      echo "As root, run: apt-get install ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -q >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >&2
}

require_swift() {
  local version
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
  if [ -z "$version" ] || [ "$(printf '%s\n' 6.2 "$version" | sort -V | head -n 1)" != 6.2 ]; then
    echo "Swift 6.2 or newer is needed, and ${version:-none} was found; https://www.swift.org/install/linux/ tells how to install it." >&2
    return 1
  fi
}

# Lays the C++ library's archive, if there is one, where Package.swift looks for it.
link_archives() {
  local archive
  archive=$(clang -print-file-name=libstdc++.a 2>/dev/null) || return 0
  [ ! -f "$archive" ] || { mkdir -p "$project/.build/archives" && ln -sf "$archive" "$project/.build/archives/"; }
}

# Builds the functions and the runner; what the compiler says goes to stderr.
build_release() {
  require_swift
  link_archives
  [ -x "$project/.build/release/local-runner" ] || echo "Building; the first time takes some three minutes" >&2
  swift build --package-path "$project" -c release --static-swift-stdlib >&2
}
