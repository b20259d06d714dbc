"""Load answers, compute, keep a snapshot, verify one, record what evaluators decide. Only here is `analysis` called."""
