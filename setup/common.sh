# shellcheck shell=bash
# Sourced by the scripts in this folder: messages, a scratch folder, and packages from suites the machine does not use.

# What the target's binaries are built for: the bootloader and the kernel, and the monitor, which keeps off the registers of
# floating point: they belong to whoever calls it.
# shellcheck disable=SC2034
targets=(aarch64-unknown-none aarch64-unknown-none-softfloat)

say() { printf 'setup: %s\n' "$*" >&2; }
fail() {
    printf 'error: %s\nhelp: %s\n' "$1" "$2" >&2
    exit 1
}

has() { command -v "$1" >/dev/null; }

# Packages come only through apt-get, and never at the price of removing one. Its reports go to stderr, because stdout
# belongs to the command that needed the set-up.
can_install() { has apt-get && ((EUID == 0)); }
candidate() { apt-cache policy "$1" | sed -n 's/^ *Candidate: //p'; }
install_packages() {
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-remove --allow-downgrades --no-install-recommends \
        -o Dpkg::Use-Pty=0 "$@" >&2
}

# Who interrupts one step does not want the next one, which the shell would otherwise go on to.
trap 'exit 130' HUP INT TERM

# make_scratch PARENT: a folder $scratch that is gone when the script ends, however it ends.
make_scratch() {
    scratch=$(mktemp -d "$1/flint-setup.XXXXXX")
    trap 'rm -rf -- "$scratch"' EXIT
}

# open_suite SUITE [ARCHITECTURE]: points scratch_apt at one Debian suite, on whatever mirrors this machine uses already.
# The machine's own sources, lists and architectures stay as they are, and none of this needs root.
open_suite() {
    local folder=$scratch/apt mirror
    rm -rf -- "$folder"
    mkdir -p "$folder/lists/partial" "$folder/archives/partial"
    apt-get --print-uris update | sed -n "s|^'\(.*\)/dists/[^']*/InRelease' .*|\1|p" | sort -u |
        while read -r mirror; do
            echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $1 main"
        done >"$folder/sources.list"
    scratch_options=(
        -o Dir::Etc::SourceList="$folder/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o Dir::State::Lists="$folder/lists" -o Dir::State::Status=/dev/null -o Dir::Cache="$folder"
        -o Acquire::Languages=none -o APT::Sandbox::User=root
        ${2:+-o APT::Architecture="$2" -o APT::Architectures="$2"}
    )
    # A mirror without that suite is no failure yet: what counts is whether the package turns up.
    scratch_apt get update -qq 2>"$folder/log" || true
}

# scratch_apt get|cache ARGUMENT...: apt-get or apt-cache on the suite opened last.
scratch_apt() { "apt-$1" "${scratch_options[@]}" "${@:2}"; }

# give_up REASON: ends a script that fetches files. It has set $files to what they are.
give_up() {
    echo "error: not all of $files: $1" >&2
    exit 1
}

# field PACKAGE FIELD: of the newest version in the suite that is open.
field() { scratch_apt cache show --no-all-versions "$1" 2>/dev/null | sed -n "s/^$2: //p"; }

# fetch_member PACKAGE VERSION MEMBER FILE: one file of a package of the suite that is open, and beside
# it FILE.package, which has the package and its version. A file is there whole or not at all.
fetch_member() {
    local package=$1 version=$2 member=$3 file=$4
    say "fetching ${file##*/}: $package $version ($(field "$package" Size | numfmt --to=si --suffix=B))"
    rm -rf -- "$scratch/package"
    mkdir "$scratch/package"
    (cd -- "$scratch/package" && scratch_apt get download -q -o Acquire::Retries=3 "$package" >&2) ||
        give_up "could not download $package"
    dpkg-deb --fsys-tarfile "$scratch/package"/*.deb | tar -x -O --wildcards "$member" >"$scratch/package/file" ||
        give_up "could not unpack $package"
    echo "$package $version" >"$file.package"
    mv -- "$scratch/package/file" "$file"
}
