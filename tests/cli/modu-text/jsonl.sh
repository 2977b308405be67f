cd "$ROOT/tests/golden/modu" || exit 1
modu-text --jsonl text NLRW1900009901.json SERW1800009905.json
#out
# {"text":"가람천 돌다리 \"30년 만에 새 단장\"…5월 개통\n가람시는 4일 가람천 돌다리의 보수 공사를 마쳤다고 밝혔다. 공사비는 모두 12.5억 원이 들었다.\n시 관계자는 \"비가 와도 건널 수 있게 높이를 0.8m 올렸다\"고 말했다.\n홍보람 기자 boram@garam.example"}
# {"text":"[날씨] 내일 낮 최고 23도\n내일은 전국이 맑겠다. 아침에는 안개가 끼는 곳이 있겠다."}
# {"text":"골목길 1회\n어디 갔다 와?\n시장."}
