#!/bin/sh
# Runs the test programs of a build and counts: run.sh BUILD [option of GoogleTest ...]
#
# Prints what they print, and as the last line `N passed, N failed`; leaves the same line in BUILD/test/result. A
# program that crashes counts as one more failed test. Fails if a test failed, or none was run.
set -u
build=$1
shift
passed=0 failed=0
for program in unit integration e2e; do
  log=$build/test/$program.log
  { "$build/test/$program" "$@"; echo "exit status $?"; } 2>&1 | tee "$log"
  status=$(sed -n '$s/^exit status //p' "$log")
  ok=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) tests\{0,1\}\.$/\1/p' "$log" | tail -n 1)
  bad=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) tests\{0,1\}, listed below:$/\1/p' "$log" | tail -n 1)
  passed=$((passed + ${ok:-0}))
  failed=$((failed + ${bad:-0}))
  [ "$status" = 0 ] || [ "${bad:-0}" != 0 ] || failed=$((failed + 1))
done
echo "$passed passed, $failed failed" | tee "$build/test/result"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
