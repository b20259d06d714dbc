"""Pure statistics for Pingyi: integer codes and sizes in, frozen dataclasses out.

`report.build(frame, plan)` scores every unit on every indicator: value, standard error, interval, reliability, status
and reasons. `disclosure.release` takes out of that report what would show persons. Each step below can be used alone:

    spec, frame            what is asked of whom, how it is scored; the answers as arrays of small integers
    quality, assessing     which responses look careless, decided once on the whole frame
    points, score_sums     keying, points of a person as exact integers, sums by unit, stratum and quality flags
    means, scores          scores of finite populations: stratified, post-stratified, departments then responses
    universes              the same scores under every rule of the plan's grid
    moments, pair_tables   exact sums of answers that can be added, the raw material of every scale statistic
    reliability, validity  alpha and its kin, dimensions, factors; whether items may be read as what they are called
    agreement              within units, between raters, of units; severity of raters
    sampling, comparison   response rates, precision, weights; places, differences, shrinkage, trends, drivers
    sampled                how one score was sampled: answers still needed, design effect, representativity
    gates, cautions        from numbers to a status with its reasons
    disclosure, suppression  what may be published, and the audit that nothing hidden follows from it
    comparing, suspecting  units beside each other; what looks as if somebody had filled in for others
    simulation             planted truths to measure all this by
    distributed            the same sums by a cluster (needs the extra `dask`)

    >>> sums = moments.moments(codes)                                    # int (n, k), ranks 1..K, high is good
    >>> alpha.cronbach_alpha(sums.covariance(), sums.n)            # an Estimate: value, or status and no value
    >>> means.mean_srs(points, population=120).se                        # points (n,), 0-100

A statistic is an `Estimate`: a value with its error, interval, n and method, or a status that says why there is none.
Nothing raises because of what people answered. Formulas, sources and the R call that checks each one stand with the
functions; `tests/analysis/golden` holds R's numbers.

Knows numpy and scipy (statsmodels and pandas in leaves); never Flask, SQLAlchemy, files, the clock, a logger or mutable
globals, and rounds nowhere but in `disclosure`, where that is the rule.
"""
