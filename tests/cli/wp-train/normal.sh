printf '%s\n' 'abc abc abc, xbc' 'abc xbc' >text
wp-train --size 18 text
