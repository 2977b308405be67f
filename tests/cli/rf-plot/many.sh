# 24 runs: those that have a colour in common differ in their dashes, and a small legend of one column has all
. "$ROOT/tests/cli/rf-plot/log.inc"
for i in {01..24}; do mkdir "run-$i" && log 3 >"run-$i/log.tsv"; done
rf-plot -o many.svg run-*/log.tsv && python3 -c '
import re, xml.dom.minidom as dom
places, looks = [], set()
for group in dom.parse("many.svg").getElementsByTagName("g"):
    texts = group.getElementsByTagName("text")
    if group.getAttribute("id").startswith("gnuplot_plot") and len(texts) == 1:
        name = texts[0].firstChild.data.strip()
        if name.startswith("run-"):
            x, y = re.search(r"translate\(([0-9.]+),([0-9.]+)\)", group.toxml()).groups()
            places.append((float(x), float(y)))
            line = group.getElementsByTagName("path")[0]
            looks.add((line.getAttribute("stroke"), line.getAttribute("stroke-dasharray")))
print(len(places), "names,", len({x for x, y in places}), "column,", len(looks), "looks")
print("in the picture" if max(y for x, y in places) < 540 and max(x for x, y in places) < 900 else "outside")'
long=$(printf 'long%.0s' {1..40})
mkdir "$long" && log 3 >"$long/log.tsv"
rf-plot -o long.svg run-01/log.tsv "$long/log.tsv" && words long.svg | grep long
#out
# 24 names, 1 column, 24 looks
# in the picture
# longlonglonglonglonglong…longlonglonglonglonglong
