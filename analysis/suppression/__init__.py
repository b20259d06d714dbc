"""Complementary suppression: that no hidden cell follows from everything that was ever released.

The primary rules (`analysis.disclosure`) hide what is about too few people. Here the released numbers are written down
as a linear system of what they say about the answers, a linear program finds for each hidden mean the narrowest
interval that a reader can prove, and where that is narrower than 20 points more is hidden until it is not.

    system         unknowns, statements, secrets; falls apart into components
    audit          the interval of every secret, and whether it follows from equations alone
    secondary      what else to hide, the cheapest first, nothing that could be shown again
    tables         counts with totals
    history        plain values: snapshots, exclusion rules, groups, totals; snapshots: the same from reports
    answers        one report against its answers (people, secrets, intervals); counts: its counts of people
    groups         breakdowns of a report by single items, beside it
    reports        all of it for whole reports

    >>> released = disclosure.release(truth, plan.disclosure)
    >>> safe = reports.suppress_report(frame, plan, truth, released)                 # safe.report, .hidden, .exposed
    >>> reports.audit_history([first, safe.report], [truth_of_first, truth], plan, questionnaires)

What it does not see: knowledge from outside (k - 1 colleagues who compare their answers know the k-th); second moments
(standard errors, degrees of freedom, alpha), which the primary rules take away from small cells, and so that few people
nearly agree, where a rounded interval is narrow; that answers are whole choices, so that an interval of 20 points may
hold few attainable means; what the plan's gates say of a hidden count by passing. It accepts that a mean near 0 or 100
bounds everybody in it. Unions of sets that are no cells of their own (two strata of three people each) are not secrets,
nor are crossings of two breakdowns unless one group lies inside another. A reader is taken to know all counts of people
and all patterns of missing answers, which few do. Where it is not known which rows an earlier report was about, as in a
campaign's snapshots, the released documents are held against each other instead, outside this package.

Hundepool, Domingo-Ferrer, Franconi, Giessing, Schulte Nordholt, Spicer & de Wolf 2012, Statistical Disclosure Control,
doi:10.1002/9781118348239; Fischetti & Salazar 2001, doi:10.1287/mnsc.47.7.1008.9805.
"""
