#!/bin/sh
# Fetch CIFAR-10 into datasets/. See --help.
#
# The archive grows as cifar-10-python.tar.gz.part, and a cut connection goes on where it stopped. It is opened only
# when its size and sha256 are right, unpacked into a folder of its own, and renamed into place as the very last step,
# together with SHA256SUMS, the list that load_cifar10 asks for. So whatever goes wrong: a whole data set, or none.
# Written for the bash 3.2 and the BSD tools of macOS too. Another shell, which reads these lines only, hands over to bash,
# or where there is none, to the same in Python.
case ${BASH:-} in
    */bash) ;;
    *)
        if command -v bash >/dev/null 2>&1; then exec bash "$0" "$@"; fi
        echo "get_datasets: there is no bash here, so Python does it: python3 -m cs231n_utils.get_datasets"
        if ! python3 -c "import numpy" 2>/dev/null; then
            echo "get_datasets: python3 has no NumPy. Activate the environment of your course, and run it again." >&2
            exit 1
        fi
        PYTHONPATH=$(dirname "$0")${PYTHONPATH:+:$PYTHONPATH} exec python3 -m cs231n_utils.get_datasets "$@"
        ;;
esac
set -euo pipefail

url=https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz
size=170498071
sha256=6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce
dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/datasets
name=cifar-10-batches-py

usage() {
    cat <<'HELP'
Usage: bash get_datasets.sh [--dir DIR] [--url URL] [--size BYTES] [--sha256 HEX]

Fetches CIFAR-10 (170 MB; 190 MB more once it is unpacked) into datasets/cifar-10-batches-py.
A second run does nothing. After an interruption, run it again: it goes on where it stopped.

  --dir DIR      put it into DIR instead of datasets/ beside this script
  --url URL      fetch from a mirror, https:// or http://; size and sha256 must still be right
  --size BYTES   expect another size, and
  --sha256 HEX   another sha256 than those of the original archive
  -h, --help     show this text

Needs curl or wget, sha256sum or shasum, tar and gzip; python -m cs231n_utils.get_datasets does the same without them.

Exit status:
    0  the data set is in place
    1  something is in the way, or the archive holds something else
    2  wrong usage
    3  a tool is missing
    4  no network, or the server refused
    5  the archive has the wrong size or sha256; it was removed
    6  cannot write: disk full, quota or permissions
  130  interrupted
HELP
}

say() { printf 'get_datasets: %s\n' "$*"; }
die() {
    local status=$1
    shift
    say "$*" >&2
    exit "$status"
}
have() { command -v "$1" >/dev/null 2>&1; }
bytes() { if [ -f "$1" ]; then wc -c <"$1" | tr -d ' '; else echo 0; fi; }
sums() { if have sha256sum; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }
batch_sums() { (cd "$1" && sums data_batch_1 data_batch_2 data_batch_3 data_batch_4 data_batch_5 test_batch); }

while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage; exit 0 ;;
        --dir | --url | --size | --sha256)
            [ $# -ge 2 ] || die 2 "$1 has no value. See: bash get_datasets.sh --help"
            case $1 in --dir) dir=$2 ;; --url) url=$2 ;; --size) size=$2 ;; --sha256) sha256=$2 ;; esac
            shift 2 ;;
        *) die 2 "unknown argument '$1'. See: bash get_datasets.sh --help" ;;
    esac
done
# https only, redirects included (wget cannot promise that; sha256 decides in any case), unless http was asked for.
case $url in
    https://*) protocols='=https' ;;
    http://*) protocols='=http,https' ;;
    *) die 2 "--url is '$url'; expected an address that starts with https:// or http://" ;;
esac
[[ $size =~ ^[1-9][0-9]*$ ]] || die 2 "--size is '$size'; expected a number of bytes"
[[ $sha256 =~ ^[0-9a-f]{64}$ ]] || die 2 "--sha256 is '$sha256'; expected 64 of the digits 0-9 and a-f"

for tool in tar gzip; do have "$tool" || die 3 "found no $tool, which unpacks the archive. Install $tool."; done
have sha256sum || have shasum || die 3 "found neither sha256sum nor shasum, which check the archive. Install coreutils."

full="cannot write to $dir: is the disk full, or the folder read-only?"
again="Make room and run it again; what has arrived is kept."
mkdir -p "$dir" || die 6 "$full"
dir=$(cd "$dir" && pwd)
target=$dir/$name
part=$dir/cifar-10-python.tar.gz.part
unpacking=$dir/cifar-10-unpacking

if [ -f "$target/SHA256SUMS" ]; then
    if [ "$(batch_sums "$target" 2>/dev/null)" = "$(cat "$target/SHA256SUMS")" ]; then
        say "$target is complete; nothing to do."
        exit 0
    fi
    say "$target is damaged; it is removed and fetched again."
    rm -rf "$target"
elif [ -e "$target" ]; then
    die 1 "$target is not from this script: it has no SHA256SUMS. Move it away, then run this again."
fi

# Runs a command that may write no file longer than the size expected, rounded up to a block of 1,024 bytes, whatever a
# server sends. The rest of a block tells a file that is too long. Ignored, the signal becomes a failed write.
limited() (
    trap '' XFSZ
    ulimit -S -f $((size / 1024 + 1)) 2>/dev/null || true # refused where the limit is lower already
    "$@"
)

# One attempt, going on after what has already arrived.
# Returns 0 when the server says that was all, 1 cut or refused, 6 cannot write, 7 the server cannot resume.
if have curl; then
    if [ -t 2 ]; then progress=--progress-bar; else progress=--silent; fi
    fetch() {
        local status=0
        limited curl "$progress" --show-error --fail --location --proto "$protocols" --connect-timeout 30 \
            --speed-limit 1 --speed-time 60 --continue-at - --output "$part" "$url" || status=$?
        case $status in 0) return 0 ;; 23) return 6 ;; 33) return 7 ;; *) return 1 ;; esac
    }
elif have wget; then
    if [ -t 2 ]; then progress=--verbose; else progress=--no-verbose; fi
    fetch() {
        local status=0
        limited wget "$progress" --tries=1 --timeout=60 --continue --output-document="$part" "$url" || status=$?
        case $status in 0) return 0 ;; 3) return 6 ;; *) return 1 ;; esac
    }
else
    die 3 "found neither curl nor wget, which fetch the archive. Install one of them, then run this again."
fi

# Ends, because every further attempt needs new bytes from the one before, and starting afresh is allowed once.
download() {
    local status before after restarted=no
    while before=$(bytes "$part") && [ "$before" -lt "$size" ]; do
        status=0
        fetch || status=$?
        after=$(bytes "$part")
        if [ "$status" = 0 ] || [ "$after" -gt "$size" ]; then
            return
        elif [ "$status" = 6 ]; then
            die 6 "$full $again"
        elif [ "$status" = 7 ] && [ "$restarted" = no ]; then
            say "the server cannot go on in the middle; starting from the beginning."
            rm -f "$part"
            restarted=yes
        elif [ "$after" -gt "$before" ]; then
            say "the connection was cut at $after of $size bytes; going on."
        else
            die 4 "nothing more arrives from $url; the reason stands above. $after of $size bytes are kept." \
                "Check the network and run it again, or name a mirror with --url."
        fi
    done
}

reject() {
    rm -f "$part"
    die 5 "the archive from $url has $1 $2; expected $3. It was removed. Run it again, or name a mirror with --url."
}

trap 'rm -rf "$unpacking"' EXIT
trap 'say "interrupted; what has arrived is kept. Run it again to go on." >&2; exit 130' INT TERM

say "fetching $url ($size bytes, $(bytes "$part") already here)"
download
found=$(bytes "$part")
[ "$found" -le "$size" ] || reject size "$found or more" "$size"
[ "$found" = "$size" ] || reject size "$found" "$size"
found=$(sums <"$part")
[ "${found%% *}" = "$sha256" ] || reject sha256 "${found%% *}" "$sha256"

say "size and sha256 are right; unpacking"
rm -rf "$unpacking" # left by a run that was killed
mkdir "$unpacking" || die 6 "$full $again"
tar -xzof "$part" -C "$unpacking" || die 6 "$full $again"
found=$(batch_sums "$unpacking/$name") || die 1 "the archive lacks files of $name. Is it the python version?"
printf '%s\n' "$found" >"$unpacking/$name/SHA256SUMS" || die 6 "$full $again"
mv "$unpacking/$name" "$dir/" || die 6 "$full $again"
rm -f "$part"
say "done: $target"
