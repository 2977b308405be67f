# tests/run itself, on a small tree of cases: it sees every fault, and UPDATE=1 mends what stands below a script
unset ONLY QUICK UPDATE
mkdir -p tests/cli/tool
cp "$ROOT/tests/run" tests
suite() { tests/run build cli; echo "exit $?"; }

# whatever a script may print: what looks like the form itself, empty lines, any byte, a last line without its end
cat >script <<'EOF'
printf '#out\n\n tail \n\001\377\n# no end'
echo said >&2
exit 3
EOF
{ cat script; printf '#out\n# #out\n#\n#  tail \n# \001\377\n# # no end\n#no newline\n#err\n# said\n#exit 3\n'; } >good
cp good tests/cli/tool/good.sh
suite

fault() { sed "$2" good >"tests/cli/tool/$1.sh"; } # NAME SED: good, but for that
fault out-differs 's/^#  tail $/# tail/'
fault out-has-less '/^#$/d'
fault out-ends 's/^#no newline$/#/'
fault out-goes-on '/^#no newline$/d'
fault err-differs 's/^# said$/# sad/'
fault err-missing '/^#err$/d; /^# said$/d'
fault exit-differs 's/^#exit 3$/#exit 4/'
fault exit-missing '/^#exit/d'
fault exit-0 's/^exit 3$/exit 0/'
fault command-below '/^#exit/s/$/\necho more/'
cp script tests/cli/tool/nothing-below.sh
suite | grep -a '^[^ ]'
UPDATE=1 suite
suite
sed '3s/3/0/; /^#exit/d' good | cmp - tests/cli/tool/exit-0.sh && rm tests/cli/tool/exit-0.sh
for file in tests/cli/tool/*.sh; do cmp "$file" good; done

rm -r tests/cli/tool/*
printf '%s\n' 'seq 4' '#out' '# 1' '# 3' '# 4' >tests/cli/tool/shown.sh
printf '%s\n' 'echo no such >&2' 'exit 77' >tests/cli/tool/skipped.sh
suite
#out
# 1 passed, 0 failed, 0 skipped
# exit 0
# FAIL  tool/command-below
# FAIL  tool/err-differs
# FAIL  tool/err-missing
# FAIL  tool/exit-0
# FAIL  tool/exit-differs
# FAIL  tool/exit-missing
# FAIL  tool/nothing-below
# FAIL  tool/out-differs
# FAIL  tool/out-ends
# FAIL  tool/out-goes-on
# FAIL  tool/out-has-less
# 1 passed, 11 failed, 0 skipped
# exit 1
# 12 passed, 0 failed, 0 skipped
# exit 0
# 12 passed, 0 failed, 0 skipped
# exit 0
# FAIL  tool/shown
#       --- wanted
#       +++ got
#       @@ -1,4 +1,5 @@
#        #out
#        # 1
#       +# 2
#        # 3
#        # 4
# skip  tool/skipped: no such
# 0 passed, 1 failed, 1 skipped
# exit 1
