# values that are spread over the arguments of a template come whole, or go and are counted
wiki-text -v --report report.tsv 2>err <<'EOF'
<page><title>Numbers</title><ns>0</ns><revision><text xml:space="preserve">A light-year is {{gaps|9|460|730|472|580|800}} m. Its mass is {{val|1.99|e=30|u=kg}}. It is 2{{frac|1|2}} miles long and {{frac|3|4}} wide.

The wall is {{convert|6|ft|2|in|m}} high and {{convert|10|to|20|km}} long, from {{circa|1200|1210}}; the tower is {{convert|5|cubits|2|spans}} high, {{percentage|1|4}} of it new, {{nosuch|5}}.</text></revision></page>
EOF
sed 's/, [0-9.]* s, .*/, TIME/' err
grep -e '^template' -e '^value' report.tsv
#out
# Numbers
# A light-year is 9460730472580800 m. Its mass is 1.99×10^30 kg. It is 2 1/2 miles long and 3/4 wide.
# The wall is 6 ft 2 in high and 10 to 20 km long, from c. 1200 – c. 1210; the tower is high, of it new.
#
# wiki-text: templates of numbers or dates that were not understood: 2
# wiki-text: 1 of 1 page written (0 redirects, 0 of other namespaces, 0 of other content, 0 without text), 7 of 10 templates kept, TIME
# template	nosuch	1
# template kept	convert	2
# template kept	frac	2
# template kept	circa	1
# template kept	gaps	1
# template kept	val	1
# value	convert	1
# value	percentage	1
