# names of namespaces and words for redirects of all languages
page() { printf '<page><title>%s</title><revision><text xml:space="preserve">%s</text></revision></page>\n' "$1" "$2"; }
site='<siteinfo><namespaces><namespace key="6">ファイル</namespace></namespaces></siteinfo>'
{
    echo "<mediawiki>$site"
    page 家 '本文[[画像:Ie.jpg|thumb|家の写真]]である。[[カテゴリ:家]]'
    page Alt '#WEITERLEITUNG [[Neu]]'
    page 'Vita: a life' 'The siteinfo would name a namespace Vita.'
    page 'User:a' 'English names always count.'
    echo '</mediawiki>'
} | wiki-text
echo -- without siteinfo
{
    echo '<mediawiki>'
    page 'Benutzer:a' b
    page 'Benutzer Diskussion:a' b
    page 'Обсуждение участника:a' b
    page 'Hilfe:a' b
    page 'Titel: a' b
    echo '</mediawiki>'
} | wiki-text
#out
# 家
# 本文である。
#
# Vita: a life
# The siteinfo would name a namespace Vita.
#
# -- without siteinfo
# Titel: a
# b
#
