"""Pure statistics for Pingyi: integer codes and sizes in, frozen dataclasses out.

`report.build(frame, plan)` scores every unit on every indicator: value, standard error, interval, reliability, status
and reasons. `disclosure.release` takes out of that report what would show persons. Each step below can be used alone:

    spec, frame            what is asked of whom, how it is scored; the answers as arrays of small integers
    points                 keying, points of a person, half rule
    means                  scores of finite populations: stratified, post-stratified, departments then responses
    moments                exact sums of answers that can be added; covariances, also pooled within units
    reliability, factor    alpha and its intervals, item statistics; omega of one factor
    gates, cautions        from numbers to a status with its reasons
    disclosure             what may be published

    >>> sums = moments.moments(codes)                                    # int (n, k), ranks 1..K, high is good
    >>> reliability.cronbach_alpha(sums.covariance(), sums.n)            # an Estimate: value, or status and no value
    >>> means.mean_srs(points, population=120).se                        # points (n,), 0-100

A statistic is an `Estimate`: a value with its error, interval, n and method, or a status that says why there is none.
Nothing raises because of what people answered. Formulas, sources and the R call that checks each one stand with the
functions; `tests/analysis/golden` holds R's numbers.

Knows numpy and scipy; never Flask, SQLAlchemy, files, the clock, a logger or mutable globals, and rounds nowhere but in
`disclosure`, where that is the rule.
"""
