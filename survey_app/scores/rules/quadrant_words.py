"""Words for where a dimension stands among others, and for signs of stuffing that a person has to look into.

Must stay true: a sign is never called a proof; every kind that a report can hold has words here, in both languages.
"""

QUADRANTS = {
    "act_first": ("先改进：重要而得分偏低", "act first: important and weak"),
    "keep_up": ("保持：重要且得分较高", "keep it up: important and strong"),
    "low_priority": ("可缓：不太重要，得分偏低", "can wait: unimportant and weak"),
    "oversupplied": ("维持：不太重要，得分较高", "enough: unimportant and strong"),
    "cannot_tell": ("说不准", "cannot tell"),
}

# kind: name, what it is and why it may be harmless
SIGNATURES = {
    "identical_answers": (
        ("完全相同的答卷", "Identical answers"),
        (
            "两份答卷每题都相同的对数，多于偶然。众口一词的满意也会这样，先看题目多少和收集经过。",
            "More pairs with the same answer to every item than chance gives. Plain satisfaction can do that, too.",
        ),
    ),
    "near_identical_answers": (
        ("几乎相同的答卷", "Nearly identical answers"),
        (
            "只差一两题的答卷多于其他单位所示的偶然水平。",
            "More answers with a near twin in the same unit than other units let expect.",
        ),
    ),
    "missing_structure": (
        ("题目之间没有层次", "No structure between items"),
        (
            "其他单位的题目按维度分得开，这里却都差不多，像是照着一个总印象填的。",
            "Elsewhere dimensions show; here all items go together alike, as if filled in from one impression.",
        ),
    ),
    "regular_arrivals": (
        ("间隔过于整齐", "Too even intervals"),
        ("答卷一份接一份，间隔比自然情形整齐。", "Answers came in at more even intervals than they do by themselves."),
    ),
    "burst": (
        ("短时间集中", "A burst"),
        (
            "一分钟内的答卷远多于前后十分钟。集中组织填答也会这样。",
            "Far more answers within a minute than around it. A session held for it does that, too.",
        ),
    ),
    "narrow_durations": (
        ("用时过于接近", "Durations too alike"),
        ("各份用时过于接近，像是设好的。", "Durations lie too close together, as if set."),
    ),
    "mutual_ratings": (
        ("互相打高分", "High ratings for each other"),
        (
            "两个单位互评都高于宽严和水平能解释的程度。只计对数，不指名。",
            "Two units rate each other higher than severity and level explain. Counted only, nobody is named.",
        ),
    ),
    "all_the_same": (
        ("对所有单位都打同样的分", "The same for every unit"),
        (
            "有部门给每个单位、每道题都打同样的分。只计数，不指名。",
            "Departments that give every unit and every item the same answer. Counted only, nobody is named.",
        ),
    ),
}

# What chance does is read off the other units; where there are none, pairs are counted and say nothing.
COMPARED_WITH_OTHERS = ("identical_answers", "near_identical_answers")
ALONE = (
    "只有一个单位有可比的答卷，没有别的单位作对照，估计不出偶然会有多少相同，因此不作判断。",
    "A single unit has answers to compare: no other one tells how many are alike by chance, so nothing is judged.",
)
