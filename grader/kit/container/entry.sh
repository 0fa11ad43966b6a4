#!/bin/sh
# What a container of the Containerfile runs: `demo`, `grade`, or any other command of the grader.
set -eu
python=/opt/course/bin/python

# Root hands over to the owner of the results: the files are then theirs, and an ordinary user gets
# level A wherever user namespaces are allowed.
if [ "$(id -u)" = 0 ] && [ -d /results ] && [ "$(stat -c %u /results)" != 0 ]; then
    exec setpriv --reuid "$(stat -c %u /results)" --regid "$(stat -c %g /results)" --clear-groups \
        "$0" "$@"
fi

# A copy, since the grader keeps files in the course's folder, and only root may write to /course.
HOME=$(mktemp -d)
export HOME
cp -R /course "$HOME/course"
cd "$HOME/course"

case "${1:-doctor}" in
demo | grade)
    if ! [ -d /results ]; then
        echo "There is no /results. Start the container with -v ./results:/results" >&2
        exit 2
    fi
    # The secret decides the inputs of the hidden checks, so it must outlive the container.
    if ! [ -e .course_secret ] && [ -e /results/.course_secret ]; then
        cp /results/.course_secret .course_secret
    fi
    "$python" -c 'from grader.checks.seeds import course_secret; course_secret()'
    if ! [ -e /results/.course_secret ]; then
        (umask 077 && cp .course_secret /results/.course_secret)
    fi
    ;;
esac

said=$("$python" -m grader doctor)
echo "$said" | head -n 1
case "$said" in
*"at level A."*) ;;
*)
    echo "$said" | tail -n +2
    echo "For level A, start the container as an ordinary user: podman run --userns=keep-id …;" \
        "with Docker: --user \"\$(id -u):\$(id -g)\" --security-opt seccomp=unconfined." \
        "Or as root, with --cap-add SYS_ADMIN --cap-add NET_ADMIN" \
        "(where AppArmor is on, also --security-opt apparmor=unconfined)."
    ;;
esac

command=${1:-doctor}
[ $# -eq 0 ] || shift
case "$command" in
demo) exec "$python" -m grader demo --out /results "$@" ;;
grade) exec "$python" -m grader grade /submitted --out /results "$@" ;;
doctor) ;;
*) exec "$python" -m grader "$command" "$@" ;;
esac
