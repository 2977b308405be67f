# an only line is text; behind a second blank line a document has no title, and what is left says so too
long='The same long text about the river and the hill.'
printf "%s\n\n" "$long" "$long" A >one
text-filter one
echo == overlap
text-filter --not-in one <<<"$long" | wc -l
echo == short
text-filter --min-doc 10 one
echo == no title, at the start and behind another document
printf '\n%s\nEnd.\n\n\n%s\nEnd.\n\nTitle\n%s\nEnd.\n\n\nTitle\nLast.\n' "$long" "$long" "$long" >two
text-filter two
echo == what says so goes and stays with its document
text-filter --min-doc 20 --no-dup-docs --near 0 two
echo == and is kept by a pipe
text-filter --near 0 --max-doc 44 two | text-filter --min-doc 12 | text-filter -v 2>&1 | sed 's/, [0-9.]* s, .*/, TIME/'
echo == blank lines at the end
printf 'a\n\n\nb\n\n\n' | text-filter --max-doc 0 | cat -A
#out
# The same long text about the river and the hill.
#
# A
#
# == overlap
# 0
# == short
# The same long text about the river and the hill.
#
# == no title, at the start and behind another document
#
# The same long text about the river and the hill.
# End.
#
#
# Title
# Last.
# == what says so goes and stays with its document
#
# The same long text about the river and the hill.
# End.
#
#
# The same long text about the river and the hill.
# End.
#
# Title
# The same long text about the river and the hill.
# End.
#
# == and is kept by a pipe
#
# The same long text about the river and the hill.
# End.
#
# text-filter: 1 of 1 document, 2 of 2 lines, TIME
# == blank lines at the end
# a$
# $
# $
# b$
# $
# $
