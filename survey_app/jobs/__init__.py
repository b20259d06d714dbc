"""Background work: jobs that wait in the database, their progress, and the process that does them one after another."""
