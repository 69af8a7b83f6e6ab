#  Which files are ours. Sourced by the checks beside it, which then stand in the repository's root.
# shellcheck shell=bash

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit

source_files ()
{
    find broker clients common services tests \( -name '*.c' -o -name '*.h' \) -print | sort
}

shell_files ()
{
    find scripts .ci tests -type f ! -name '*.py' -print | sort | while read -r path; do
        case $path in
            *.sh) printf '%s\n' "$path" ;;
            *) ! head -c 64 "$path" | head -n 1 | grep -qE '^#!.*/(ba|da)?sh' || printf '%s\n' "$path" ;;
        esac
    done
}

need ()
{
    command -v "$1" >/dev/null && return
    printf 'SKIPPED lint: %s is not installed; scripts/setup --with lint installs it\n' "$1"
    exit 77
}
