import type { Store } from '../store.ts'

/** Models of every kind, with what their files say. A row of the first library has no fingerprint: it is looked at again when it is listed. */
export const up = (store: Store) =>
  store.script(`
    ALTER TABLE models ADD COLUMN kind TEXT NOT NULL DEFAULT 'checkpoint';
    ALTER TABLE models ADD COLUMN family TEXT NOT NULL DEFAULT 'unknown';
    ALTER TABLE models ADD COLUMN precision TEXT NOT NULL DEFAULT '';
    ALTER TABLE models ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE models ADD COLUMN title TEXT;
    ALTER TABLE models ADD COLUMN licence TEXT;
    ALTER TABLE models ADD COLUMN triggerWords TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(triggerWords));
    ALTER TABLE models ADD COLUMN preview TEXT;
    ALTER TABLE models ADD COLUMN fingerprint TEXT;
    ALTER TABLE models ADD COLUMN hash TEXT CHECK (length(hash) = 64);
    CREATE INDEX models_by_kind ON models (kind, addedAt);
  `)
