# names with what is special to gnuplot or to XML come out as they are; an invisible character parts ]]> and &#
. "$ROOT/tests/cli/rf-plot/log.inc"
names=("'lead" "it's''" 'a]]>b]]>' '&#65;' '<b>&amp;"c"' '$(id)`id`@a#' '\n\\1$1' '{%d}^_~|' '<!--' ' -0')
for name in "${names[@]}"; do mkdir "$name" && log 3 >"$name/log.tsv"; done
rf-plot -o odd.svg "${names[@]/%//log.tsv}" && python3 -c '
import xml.dom.minidom as dom
for text in dom.parse("odd.svg").getElementsByTagName("text"):
    words = "".join(part.data for part in text.childNodes if part.nodeType == part.TEXT_NODE)
    if words.strip("\xa0 0123456789.") or "-0" in words:
        print(ascii(words))'
#out
# 'loss (nats per token)'
# 'step'
# "'lead"
# "it's''"
# 'a]]\u2060>b]]\u2060>'
# '&\u2060#65;'
# '<b>&amp;"c"'
# '$(id)`id`@a#'
# '\\n\\\\1$1'
# '{%d}^_~|'
# '<!--'
# ' -0'
