"""Menus: what an agent could do now, as a list of complete actions with features, made from what it can see.

Read `kinds` (what there is to choose from), `sight` (what is seen), `past` (what was chosen), then `menu`, which asks
`listening` (stages 1 and 2), `lookups` (memory in stage 3), `answers` and `commands` for candidates. `squares` and
`rooms` are about worlds whose places have names.
"""
