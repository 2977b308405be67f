# abbreviations, initials, numbers and marks in several languages
split-sentences --no-titles <<'EOF'
He got the job. Yes. He did.
The keep was built c. 1210 by a lord who fl. 1200 and d. 1260 there. It fell later.
The bill by Sen. Hill passed. Gov. Reed signed it. We met Adm. Stone on Mt. Ara near Ft. West.
The court in Park v. Hill decided so. See Eq. 3 and Ref. 12 for it.
É. Vala wrote it. А. Вала писал это.
This is plan B. It works at -5.3 deg. C with Yahoo! Mail. "Who is it?" she asked.
Am 3. Mai war es z. B. warm. Im 19. Jahrhundert nicht.
何だ？그것은 책이다。끝이다。이것도 책이다.
"누구세요?" 문 안에서 물었다. 근처 맛집을 찾아 줘
맛집 찾아줘 길 막혀 지금 어디야
EOF
#out
# He got the job.
# Yes.
# He did.
# The keep was built c. 1210 by a lord who fl. 1200 and d. 1260 there.
# It fell later.
# The bill by Sen. Hill passed.
# Gov. Reed signed it.
# We met Adm. Stone on Mt. Ara near Ft. West.
# The court in Park v. Hill decided so.
# See Eq. 3 and Ref. 12 for it.
# É. Vala wrote it.
# А. Вала писал это.
# This is plan B.
# It works at -5.3 deg. C with Yahoo! Mail.
# "Who is it?" she asked.
# Am 3. Mai war es z. B. warm.
# Im 19. Jahrhundert nicht.
# 何だ？
# 그것은 책이다。
# 끝이다。
# 이것도 책이다.
# "누구세요?" 문 안에서 물었다.
# 근처 맛집을 찾아 줘
# 맛집 찾아줘
# 길 막혀
# 지금 어디야
