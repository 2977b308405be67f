# Namuwiki and the Modu corpora, from files one has
. "$ROOT/tests/cli/corpus/site.inc"
echo '[{"namespace":"0","title":"가","text":"[[나|다]]이다. 라였다."}]' >namu.json
echo '{"id":"NLRW2600000001","metadata":{"title":"x"},"document":[{"id":"NLRW2600000001.1","metadata":{"title":"y"},"paragraph":[{"id":"NLRW2600000001.1.1","form":"제목"},{"id":"NLRW2600000001.1.2","form":"글이다. 또 글이다."}]}]}' >NLRW2600000001.json
corpus namuwiki FILE="${PWD#"$ROOT/"}/namu.json"
cat out/namuwiki.txt
corpus modu FILES="${PWD#"$ROOT/"}/NLRW*.json"
cat out/modu.txt
corpus namuwiki OUT=none
corpus modu OUT=none
#out
# 가
# 다이다.
# 라였다.
#
# 제목
# 글이다.
# 또 글이다.
#
# exit 2
# corpus.mk: give FILE=, a dump of Namuwiki
# exit 2
# corpus.mk: give FILES=, the JSON files of the corpora
