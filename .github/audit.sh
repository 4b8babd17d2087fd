#!/usr/bin/env bash
# The step "Audit" of action.yml: its inputs become the arguments of one call of `openaudit batch`, whose reports go to
# where GitHub shows them. It always succeeds; the exit code is an output, so that the reports are uploaded first.
set -euo pipefail

reports="$RUNNER_TEMP/openaudit-reports"
call=(--quiet --output "$reports/" --format markdown --format sarif --format github)
[ -z "${POLICY:-}" ] || call+=(--policy "$POLICY")
[ -z "${BASELINE:-}" ] || call+=(--baseline "$BASELINE")
[ -z "${SNAPSHOT:-}" ] || call+=(--snapshot "$SNAPSHOT")
read -r -d '' -a rubrics <<<"${RUBRICS:-}" || true
for one in ${rubrics[@]+"${rubrics[@]}"}; do call+=(--rubric "$one"); done
read -r -d '' -a formats <<<"${FORMATS:-}" || true
for one in ${formats[@]+"${formats[@]}"}; do call+=(--format "$one"); done
[ -z "${FROM_CODE:-}" ] || call+=(--from-code "$FROM_CODE")
[ "${FAIL_ON:-all}" != policy ] || call+=(--allow-unaudited)
[ -z "${MODELS:-}" ] || call+=(-- "$MODELS")

# What is printed from here may hold strangers' words: none of them is to be a command to the runner.
word="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
echo "::stop-commands::$word"
code=0
"$RUNNER_TEMP/openaudit/bin/openaudit" batch "${call[@]}" || code=$?
echo "::$word::"

# A wrong call (2) leaves no reports behind.
if [ -f "$reports/openaudit.annotations.txt" ]; then
  cat "$reports/openaudit.annotations.txt"
  cat "$reports/openaudit.md" >>"$GITHUB_STEP_SUMMARY"
  echo "sarif=$reports/openaudit.sarif" >>"$GITHUB_OUTPUT"
  [ "${FAIL_ON:-all}" != nothing ] || code=0
fi
echo "reports=$reports" >>"$GITHUB_OUTPUT"
echo "exit-code=$code" >>"$GITHUB_OUTPUT"
