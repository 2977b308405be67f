# several files appear together or not at all
echo 'ab ab' >text
wp-train -q --report /dev/full -o vocab.txt text
wp-train -q --tokenizer-json /dev/full -o vocab.txt text
wp-train -q --report none/report -o vocab.txt text
wp-train -q --report report --tokenizer-json t.json -o /dev/full text
wp-train -q --counts-out /dev/full text
wp-train -q --counts-out a --report b text 2>&1 | head -n 1
wp-train -q --counts --jsonl a text 2>&1 | head -n 1
ls
#out
# wp-train: with --counts-out no vocabulary is made: leave out --output, --vocab, --tokenizer-json, --hf, --report
# wp-train: with --counts the files are no text: leave out --jsonl
# text
#err
# wp-train: cannot write '/dev/full': No space left on device
# wp-train: cannot write '/dev/full': No space left on device
# wp-train: cannot create 'none/report': No such file or directory
# wp-train: cannot write '/dev/full': No space left on device
# wp-train: cannot write '/dev/full': No space left on device
