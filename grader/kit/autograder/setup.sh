#!/usr/bin/env bash
# Gradescope runs this as root while it builds the image, with this folder in /autograder/source.
set -euo pipefail
source=$(cd "$(dirname "$0")" && pwd)
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends bubblewrap ca-certificates python3 python3-venv

newest() {
    for python in python3 python3.13 python3.12 python3.11; do
        if "$python" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$python"
            return
        fi
    done
    return 1
}

# On an older image Python 3.11 has a package of its own.
newest >/dev/null || apt-get install -y -qq --no-install-recommends python3.11 python3.11-venv || true
if ! python=$(newest); then
    echo "The grader needs Python 3.11 or newer. Choose a newer base image for the autograder." >&2
    exit 1
fi

# Student code runs as a user of its own, who must be able to read Python, and must not enter the
# folder of the grader: so the environment lies elsewhere.
umask 022
environment=/opt/autograder
"$python" -m venv "$environment"
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check -r "$source/requirements.txt"
echo "$environment/bin/python" >"$source/python_path"

chmod -R a+rX,go-w "$source"
chmod 600 "$source/.course_secret"
chmod 700 "$source"

# The container in which submissions are graded may allow less than the one that is built now.
cd "$source"
"$environment/bin/python" -c 'from grader.sandbox import doctor; print(doctor.examine())' || true
