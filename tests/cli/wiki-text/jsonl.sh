wiki-text --jsonl text "$ROOT/tests/golden/wiki/ko.xml" | tail -n 2
#out
# {"text":"느티나무 & 사람들\n느티나무는 크게 자란다. [[이것]]은 고리가 아니다.\n그늘이 넓다."}
# {"text":"물레방아\n물레방아는 물의 힘으로 돈다."}
