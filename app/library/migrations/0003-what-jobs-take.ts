import type { Store } from '../store.ts'

/** Times by precision and by multiplications, so that they tell something of other models; what was measured before named neither. What jobs were
 *  predicted to take and took; what models lose in few bits. */
export const up = (store: Store) =>
  store.script(`
    DROP TABLE timings;
    CREATE TABLE timings (
      model TEXT NOT NULL, operation TEXT NOT NULL, provider TEXT NOT NULL, precision TEXT NOT NULL,
      callWork REAL NOT NULL, calls INTEGER NOT NULL, secondsPerCall REAL NOT NULL,
      otherWork REAL NOT NULL, otherSeconds REAL NOT NULL,
      measuredAt INTEGER NOT NULL,
      PRIMARY KEY (model, operation, provider, precision, callWork)
    ) STRICT;

    ALTER TABLE jobs ADD COLUMN cost TEXT CHECK (json_valid(cost));

    CREATE TABLE precisionLosses (
      model TEXT NOT NULL CHECK (length(model) = 64), precision TEXT NOT NULL, decibels REAL, measuredAt INTEGER NOT NULL,
      PRIMARY KEY (model, precision)
    ) STRICT;
  `)
